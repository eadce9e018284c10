import type { LeaseRequest } from "../ports.ts";
import { type Candidate, feasible, schedule, unbound } from "./schedule.ts";

export interface Waiting {
	request: LeaseRequest;
	/** When it began to wait, milliseconds since the epoch. */
	since: number;
}

export interface Grant {
	request: LeaseRequest;
	node: string;
}

/** After this long nobody younger may take a node that the one who waits could use. */
export const STARVING_MS = 60_000;

/**
 * Places those who wait, oldest first. A small request may pass a big one that does not fit yet, but only until the
 * big one starves: then the nodes that it could use are kept for it.
 *
 * `nodes` is changed: what is granted is added to what is allocated.
 */
export function drain(nodes: Candidate[], waiting: readonly Waiting[], now: number): Grant[] {
	const grants: Grant[] = [];
	const kept = new Set<string>();
	for (const { request: asked, since } of [...waiting].sort((a, b) => a.since - b.since)) {
		const request = unbound(nodes, asked);
		const placement = schedule(nodes, request, kept);
		if ("node" in placement) {
			grants.push({ request, node: placement.node });
			const node = nodes.find(({ name }) => name === placement.node);
			if (node) allocate(node, request);
		} else if (now - since >= STARVING_MS) {
			for (const node of nodes) if (feasible(node, request)) kept.add(node.name);
		}
	}
	return grants;
}

export function allocate(node: Candidate, { requests }: LeaseRequest): void {
	node.allocated.cpu += requests.cpu;
	node.allocated.memory += requests.memory;
	node.allocated.slots += 1;
}
