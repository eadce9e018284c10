import type { NodeRecord, ResourceRequest } from "../../../durable-objects/ports.ts";
import { apiVersionOf } from "../kind.ts";
import { formatQuantity } from "../quantity.ts";
import { timestamp } from "../resource.ts";
import { type Node, nodeKind } from "./kind.ts";
import { CAPACITY_OVERSTATED, overstatedCondition } from "./overstated.ts";
import { readyCondition } from "./ready.ts";
import type { NodeSpec } from "./schema.ts";
import { withTaints } from "./taints.ts";

/** What a machine brings of its own; what leases hold of it is not in here, see {@link withLeases}. */
export type MachineRecord = Omit<NodeRecord, "leases" | "allocated">;

/** Kubernetes' names of processors, by Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** A node as it is stored: what the machine says of itself, over what people said of the node. */
export function nodeFromRecord(record: MachineRecord, old: Node | undefined): Node {
	const capacity = quantities(record.capacity);
	const before = old?.metadata.uid === record.uid ? old : undefined;
	return {
		apiVersion: apiVersionOf(nodeKind),
		kind: nodeKind.kind,
		metadata: {
			generation: 1,
			...before?.metadata,
			name: record.name,
			uid: record.uid,
			resourceVersion: "",
			creationTimestamp: timestamp(record.createdAt),
			// As with a kubelet, what the machine says of itself wins over what was there, and everything else stays.
			labels: { ...before?.metadata.labels, ...standardLabels(record), ...record.labels },
		},
		spec: specOf(record, before?.spec),
		status: {
			conditions: [...overstatedCondition(record, before?.status.conditions), readyCondition(record)],
			addresses: addressesOf(record),
			capacity,
			allocatable: capacity,
			allocated: quantities({ ...record.capacity, cpu: 0, memory: 0, slots: 0, ephemeralStorage: record.capacity.ephemeralStorage && 0 }),
			sessions: [],
			nodeInfo: nodeInfo(record),
		},
	};
}

/** Conditions that every heartbeat says again. */
const HEARD = ["Ready", CAPACITY_OVERSTATED];

/** A node as it is shown: as of its last heartbeat, and with what its live leases hold. */
export function withLeases(node: Node, { leases, allocated, capacity, ...record }: NodeRecord): Node {
	const sessions = leases.map((lease) => lease.session).sort();
	const { ephemeralStorage = 0 } = allocated;
	const held = { ...allocated, ephemeralStorage: capacity.ephemeralStorage === undefined ? undefined : ephemeralStorage };
	const conditions = node.status.conditions.map((condition) =>
		HEARD.includes(condition.type) ? { ...condition, lastHeartbeatTime: timestamp(record.heardAt ?? record.transitionAt) } : condition,
	);
	return { ...node, status: { ...node.status, conditions, allocated: quantities(held), sessions } };
}

/** What people said of it; of a machine that is new, what it says of itself, and who cordoned it before it was known as a resource. */
function specOf(record: MachineRecord, before: NodeSpec | undefined): NodeSpec {
	const spec: NodeSpec = before ?? {
		...(record.unschedulable && { unschedulable: true }),
		...(record.taints && {
			taints: record.taints.map(({ key, value, effect }) => ({ key, effect, ...(value !== undefined && { value }) })),
		}),
	};
	return withTaints(spec, record, timestamp(record.transitionAt));
}

function standardLabels({ name, hostname, os, arch }: MachineRecord): Record<string, string> {
	return { "kubernetes.io/hostname": labelValue(hostname ?? name), "kubernetes.io/os": os, "kubernetes.io/arch": architecture(arch) };
}

/** Names of hosts may be longer than the values of labels. */
function labelValue(text: string): string {
	return text.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "");
}

function architecture(arch: string): string {
	return ARCHITECTURES[arch] ?? arch;
}

function addressesOf({ addresses = [], hostname, name }: MachineRecord) {
	const named = addresses.some(({ type }) => type === "Hostname");
	return named ? addresses : [...addresses, { type: "Hostname", address: hostname ?? name }];
}

function nodeInfo(record: MachineRecord): Node["status"]["nodeInfo"] {
	const { version, os, arch, uid, bootId, osImage, kernelVersion, sandbox } = record;
	return {
		kubeletVersion: version,
		operatingSystem: os,
		architecture: architecture(arch),
		machineID: uid,
		systemUUID: uid,
		...(bootId !== undefined && { bootID: bootId }),
		...(osImage !== undefined && { osImage }),
		...(kernelVersion !== undefined && { kernelVersion }),
		...(sandbox !== undefined && { containerRuntimeVersion: `klaw-sandbox://${sandbox}` }),
	};
}

function quantities({ cpu, memory, ephemeralStorage, slots }: ResourceRequest & { slots: number }) {
	return {
		cpu: Number.isInteger(cpu) ? String(cpu) : `${Math.round(cpu * 1000)}m`,
		...(ephemeralStorage !== undefined && { "ephemeral-storage": kibibytes(ephemeralStorage) }),
		memory: kibibytes(memory),
		pods: String(slots),
	};
}

/** In whole kibibytes, and as Kubernetes writes them. */
function kibibytes(bytes: number): string {
	return formatQuantity(Math.floor(bytes / 1024) * 1024, "binary");
}
