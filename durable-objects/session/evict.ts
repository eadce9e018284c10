import type { SessionEvent } from "./events.ts";
import { owedCalls, type SessionState } from "./state.ts";

/** `busy`: a tool runs on the node, whose effect would be lost or unknown. */
export type Eviction = "evicted" | "busy";

/**
 * What an eviction writes. Between two calls of tools a session needs its node for nothing, so there it gives it back and
 * asks for one again with the next call. Without a node there is nothing to do.
 */
export function evict(state: SessionState, by: string): { events: SessionEvent[]; outcome: Eviction } {
	if (!state.lease) return { events: [], outcome: "evicted" };
	if (state.run && owedCalls(state.run).some(({ started }) => started?.node !== undefined)) return { events: [], outcome: "busy" };
	return { events: [{ type: "lease.released", id: state.lease.id, reason: `evicted by ${by}` }], outcome: "evicted" };
}
