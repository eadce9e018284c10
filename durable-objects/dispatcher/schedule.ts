/**
 * Placement as a pure function of a snapshot: filters, then best fit. It explains a refusal in Kubernetes' words.
 */
import type { LeaseRequest, NodeRecord } from "../ports.ts";

/** What the scheduler looks at of a node. */
export type Candidate = Pick<NodeRecord, "name" | "ready" | "capacity" | "labels" | "allocated" | "unschedulable">;

export type Placement = { node: string } | { message: string };

/** A reason per filter, as kube-scheduler words it. The first that fails is the node's reason. */
const FILTERS: readonly ((node: Candidate, request: LeaseRequest) => string | undefined)[] = [
	(node) => (node.ready ? undefined : "node(s) were not ready"),
	(node) => (node.unschedulable ? "node(s) were unschedulable" : undefined),
	({ name }, { workspaceNode }) =>
		workspaceNode === undefined || workspaceNode === name ? undefined : "node(s) did not hold the session's workspace",
	({ labels }, { nodeSelector }) =>
		Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)
			? undefined
			: "node(s) didn't match Pod's node affinity/selector",
	({ capacity, allocated }) => (allocated.slots < capacity.slots ? undefined : "Too many pods"),
	({ capacity, allocated }, { requests }) => (fits(allocated.cpu + requests.cpu, capacity.cpu) ? undefined : "Insufficient cpu"),
	({ capacity, allocated }, { requests }) => (allocated.memory + requests.memory <= capacity.memory ? undefined : "Insufficient memory"),
];

const KEPT = "node(s) were kept for sessions that have waited longer";

/** Sums of tenths are not exact: a millionth of a core more is still a fit. */
function fits(wanted: number, capacity: number): boolean {
	return wanted <= capacity + 1e-6;
}

/**
 * Best fit: of the nodes that have room, the one that is fullest afterwards; ties go to the first name. Nodes in `kept`
 * are reserved for others.
 */
export function schedule(nodes: readonly Candidate[], request: LeaseRequest, kept: ReadonlySet<string> = new Set()): Placement {
	const reasons = new Map<string, number>();
	let best: { name: string; fill: number } | undefined;
	const wanted = unbound(nodes, request);
	for (const node of nodes) {
		const reason = refusal(node, wanted) ?? (kept.has(node.name) ? KEPT : undefined);
		if (reason !== undefined) {
			reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
			continue;
		}
		const fill = fillAfter(node, request);
		if (!best || fill > best.fill || (fill === best.fill && node.name < best.name)) best = { name: node.name, fill };
	}
	return best ? { node: best.name } : { message: explain(nodes.length, reasons) };
}

/** A workspace on a node that no longer exists binds nobody. */
export function unbound(nodes: readonly Candidate[], request: LeaseRequest): LeaseRequest {
	return nodes.some(({ name }) => name === request.workspaceNode) ? request : { ...request, workspaceNode: undefined };
}

/** The request would fit this node if nothing else were on it. */
export function feasible(node: Candidate, request: LeaseRequest): boolean {
	return refusal({ ...node, allocated: { cpu: 0, memory: 0, slots: 0 } }, request) === undefined;
}

function refusal(node: Candidate, request: LeaseRequest): string | undefined {
	for (const filter of FILTERS) {
		const reason = filter(node, request);
		if (reason !== undefined) return reason;
	}
	return undefined;
}

/** Mean share of cpu, memory and slots in use once the request is placed, from 0 to 1. */
function fillAfter({ capacity, allocated }: Candidate, { requests }: LeaseRequest): number {
	const cpu = (allocated.cpu + requests.cpu) / capacity.cpu;
	const memory = (allocated.memory + requests.memory) / capacity.memory;
	const slots = (allocated.slots + 1) / capacity.slots;
	return (cpu + memory + slots) / 3;
}

function explain(total: number, reasons: Map<string, number>): string {
	if (total === 0) return "0/0 nodes are available: no node has joined. Join one with `klaw node join URL --token-file FILE`.";
	const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
	return `0/${total} nodes are available: ${parts.join(", ")}.`;
}
