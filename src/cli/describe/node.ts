import * as z from "zod";
import { age } from "../../resources/age.ts";
import { formatQuantity, parseQuantity } from "../../resources/quantity.ts";
import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { describeEvents } from "./events.ts";
import { longDate, textMap } from "./fields.ts";
import { describeAnnotations, describeLabels } from "./metadata.ts";
import { type Pod, podSchema } from "./pod-schema.ts";

const conditionSchema = z.looseObject({
	type: z.string(),
	status: z.string(),
	lastHeartbeatTime: z.string().nullish(),
	lastTransitionTime: z.string().nullish(),
	reason: z.string().nullish(),
	message: z.string().nullish(),
});
const nodeSchema = z.looseObject({
	spec: z
		.looseObject({
			unschedulable: z.boolean().nullish(),
			taints: z.array(z.looseObject({ key: z.string(), value: z.string().nullish(), effect: z.string() })).nullish(),
		})
		.default({}),
	status: z
		.looseObject({
			conditions: z.array(conditionSchema).nullish(),
			addresses: z.array(z.looseObject({ type: z.string(), address: z.string() })).nullish(),
			capacity: textMap,
			allocatable: textMap,
			nodeInfo: textMap,
		})
		.default({}),
});

const leaseSchema = z.looseObject({
	spec: z
		.looseObject({ holderIdentity: z.string().nullish(), acquireTime: z.string().nullish(), renewTime: z.string().nullish() })
		.default({}),
});

/** Namespace of the heartbeats of nodes. */
const LEASES = "kube-node-lease";
const ROLE_LABEL = "node-role.kubernetes.io/";

const SYSTEM_INFO = [
	["Machine ID", "machineID"],
	["System UUID", "systemUUID"],
	["Boot ID", "bootID"],
	["Kernel Version", "kernelVersion"],
	["OS Image", "osImage"],
	["Operating System", "operatingSystem"],
	["Architecture", "architecture"],
	["Container Runtime Version", "containerRuntimeVersion"],
	["Kubelet Version", "kubeletVersion"],
	["Kube-Proxy Version", "kubeProxyVersion"],
] as const;

export const describeNode: Describe = async (object, { events, now, list }) => {
	const { metadata } = object;
	const { spec, status } = nodeSchema.parse(object);
	const text = new Description();
	text.line(0, "Name:", metadata.name);
	const roles = Object.keys(metadata.labels ?? {}).flatMap((label) =>
		label.startsWith(ROLE_LABEL) ? [label.slice(ROLE_LABEL.length)] : [],
	);
	text.line(0, "Roles:", roles.sort().join(",") || "<none>");
	describeLabels(text, metadata.labels);
	describeAnnotations(text, metadata.annotations);
	text.line(0, "CreationTimestamp:", metadata.creationTimestamp ? longDate(metadata.creationTimestamp) : "<unknown>");
	text.list(
		0,
		"Taints",
		(spec.taints ?? []).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`),
	);
	text.line(0, "Unschedulable:", String(spec.unschedulable ?? false));
	const [lease] = await list("leases", {
		group: "coordination.k8s.io",
		namespace: LEASES,
		fieldSelector: `metadata.name=${metadata.name}`,
	});
	if (lease) describeLease(text, leaseSchema.parse(lease));
	if (status.conditions?.length) {
		text.line(0, "Conditions:");
		const heads = ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"];
		const rows = status.conditions.map((one) => [
			one.type,
			one.status,
			date(one.lastHeartbeatTime),
			date(one.lastTransitionTime),
			one.reason ?? "",
			one.message ?? "",
		]);
		text.table(
			1,
			heads,
			// Here kubectl has a space behind each value.
			rows.map((row) => row.map((cell, index) => (index === row.length - 1 ? cell : `${cell} `))),
		);
	}
	text.line(0, "Addresses:");
	for (const { type, address } of status.addresses ?? []) text.line(1, `${type}:`, address);
	quantities(text, "Capacity", status.capacity);
	quantities(text, "Allocatable", status.allocatable);
	text.line(0, "System Info:");
	for (const [label, key] of SYSTEM_INFO) text.line(1, `${label}:`, status.nodeInfo?.[key] ?? "");
	const pods = (await list("pods", { fieldSelector: `spec.nodeName=${metadata.name}` })).map((pod) => podSchema.parse(pod));
	const running = pods.filter(
		(pod) => pod.status.phase !== "Succeeded" && pod.status.phase !== "Failed" && pod.spec.nodeName === metadata.name,
	);
	describeUse(text, running, status.allocatable ?? status.capacity ?? {}, now);
	describeEvents(text, events, now);
	return text.toString();
};

function describeLease(text: Description, { spec }: z.output<typeof leaseSchema>): void {
	const time = (at: string | null | undefined) => (at ? longDate(at) : "<unset>");
	text.line(0, "Lease:");
	text.line(1, "HolderIdentity:", spec.holderIdentity || "<unset>");
	text.line(1, "AcquireTime:", time(spec.acquireTime));
	text.line(1, "RenewTime:", time(spec.renewTime));
}

function date(timestamp: string | null | undefined): string {
	return timestamp ? longDate(timestamp) : "<unknown>";
}

function quantities(text: Description, label: string, map: Readonly<Record<string, string>> | null | undefined): void {
	if (!map || Object.keys(map).length === 0) return;
	text.line(0, `${label}:`);
	for (const [resource, quantity] of Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) text.line(1, `${resource}:`, quantity);
}

type Kind = "requests" | "limits";

/** What the Pods on the node ask for, each and together, and how much of the node that is. */
function describeUse(text: Description, pods: readonly Pod[], allocatable: Readonly<Record<string, string>>, now: number): void {
	const sum = (of: readonly Pod[], kind: Kind, resource: string) =>
		of
			.flatMap(({ spec }) => spec.containers)
			.reduce((total, { resources }) => total + parseQuantity(resources?.[kind]?.[resource] ?? "0"), 0);
	const share = (of: readonly Pod[], kind: Kind, resource: string) => {
		const used = sum(of, kind, resource);
		const whole = parseQuantity(allocatable[resource] ?? "0");
		return `${formatQuantity(used, resource === "cpu" ? "decimal" : "binary")} (${whole === 0 ? 0 : Math.floor((used / whole) * 100)}%)`;
	};
	text.line(0, "Non-terminated Pods:", `(${pods.length} in total)`);
	text.table(
		1,
		["Namespace", "Name", "", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age"],
		pods.map((pod) => [
			pod.metadata.namespace ?? "",
			pod.metadata.name,
			"",
			...(["cpu", "memory"] as const).flatMap((resource) => [share([pod], "requests", resource), share([pod], "limits", resource)]),
			age(pod.metadata.creationTimestamp ?? undefined, now),
		]),
	);
	text.line(0, "Allocated resources:");
	text.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
	text.table(
		1,
		["Resource", "Requests", "Limits"],
		["cpu", "memory", "ephemeral-storage"].map((resource) => [
			resource,
			share(pods, "requests", resource),
			share(pods, "limits", resource),
		]),
	);
}
