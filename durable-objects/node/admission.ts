import { type Feature, type Hello, PROTOCOL_VERSION } from "../../containers/node/protocol.ts";
import type { ContainerOrder, NodeJoined } from "../ports.ts";
import { nameTaken } from "./credential.ts";
import { helloProblem } from "./hello-problem.ts";

/** The machine that owns a node's name. */
export interface NodeIdentity extends NodeJoined {
	/** Of the machine's last boot; absent: it did not say. */
	bootId?: string;
	/** What its runtime can do that older ones cannot. */
	features?: string[];
}

/** A machine does not boot faster than this: one that says so ends its leases, and tells everybody, once in so many milliseconds. */
export const INCARNATION_MS = 5_000;

/** For a machine that says that it was rebooted again. */
export function rebootedTooSoon(name: string): string {
	return `The machine of node "${name}" says that it was rebooted, and has said so less than ${INCARNATION_MS / 1_000} s ago. It is taken after that.`;
}

/** @param identity as of its last hello */
export function can({ features }: NodeIdentity, feature: Feature): boolean {
	return features?.includes(feature) ?? false;
}

export interface Claim {
	hello: Hello;
	/** Of the node, as the machine or the object dialled it. */
	name: string;
	/** Whose the name is. */
	owner: NodeIdentity | undefined;
	/** The highest incarnation that any machine had under this name; 0 for none. */
	lastIncarnation: number;
	/** The machine is a container that was ordered. */
	container?: ContainerOrder;
}

export type Admission =
	| {
			ok: true;
			identity: NodeIdentity;
			/** The owner's incarnation is over: what ran under it is gone. */
			over?: number;
	  }
	| { ok: false; code: string; message: string };

/**
 * Whether a machine may be this node. A name belongs to the first machine that joins under it, until the node is
 * deleted; the next machine then gets a higher incarnation, so that nothing the old one still says is believed. A
 * container that was ordered takes the name from the one before it. A machine that was rebooted has lost what it ran.
 */
export function admit({ hello, name, owner, lastIncarnation, container }: Claim): Admission {
	const { node } = hello;
	if (hello.v !== PROTOCOL_VERSION)
		return refuse(
			"UnsupportedProtocol",
			`This control plane speaks version ${PROTOCOL_VERSION} of the node protocol, the node version ${hello.v}. Upgrade the older one.`,
		);
	if (node.name !== name)
		return refuse("WrongName", `The machine dialled in as node "${name}" but calls itself "${node.name}". Use one name.`);
	const problem = helloProblem(hello);
	if (problem !== undefined) return refuse("InvalidHello", problem);
	const another = owner !== undefined && owner.uid !== node.uid;
	if (owner && !container && (another || owner.source === "container")) return refuse("NameTaken", nameTaken(name));
	const rebooted = owner?.bootId !== undefined && node.bootId !== undefined && owner.bootId !== node.bootId;
	const over = another || rebooted ? owner?.incarnation : undefined;
	const incarnation = owner && over === undefined ? owner.incarnation : Math.max(lastIncarnation, owner?.incarnation ?? 0) + 1;
	return {
		ok: true,
		identity: { ...described(hello), name, incarnation, ...granted(hello, container) },
		...(over !== undefined && { over }),
	};
}

/** What the machine says of itself. */
function described({ node }: Hello) {
	const { uid, version, os, arch, osImage, kernelVersion, hostname, addresses, isolation, bootId, features } = node;
	return { uid, version, os, arch, osImage, kernelVersion, hostname, addresses, sandbox: isolation, bootId, features };
}

/** What it offers. A container is taken at its order's word: the machine under it may be larger than its share. */
function granted({ node }: Hello, container: ContainerOrder | undefined) {
	if (!container) {
		const { capacity, detected, labels, taints } = node;
		return { source: "joined" as const, capacity, ...(detected && { detected }), labels, taints };
	}
	const { capacity, labels, taints = [] } = container;
	return { source: "container" as const, capacity, labels: { ...node.labels, ...labels }, taints };
}

function refuse(code: string, message: string): Admission {
	return { ok: false, code, message };
}
