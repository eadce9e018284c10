import type { Lease, LeaseRequest, NodeCall, SessionIdentity } from "../ports.ts";
import type { Delivery } from "./outbox.ts";

/**
 * Something outside that the state calls for. The reactor keeps exactly one of each `key` going for as long as
 * `decide` asks for it: what is no longer asked for is aborted, what is lost (a crash, an eviction) is asked for again.
 */
export type Effect =
	| { kind: "model"; key: string; run: string; step: number; attempt: number }
	| { kind: "worker-tool"; key: string; run: string; callId: string; name: string; arguments: Record<string, unknown>; timeoutMs: number }
	| { kind: "node-call"; key: string; run: string; node: string; call: NodeCall }
	/** Without a run it is for a person's command. */
	| { kind: "acquire"; key: string; run?: string; request: LeaseRequest }
	| { kind: "renew"; key: string; lease: Lease }
	/** Looks whether a person's command still runs, or is still waited for. */
	| { kind: "exec-watch"; key: string; exec: string; node?: string }
	/** Removes from the store what none of the checkpoints in `keep` names. */
	| { kind: "collect"; key: string; identity: SessionIdentity; keep: string[] }
	| { kind: "deliver"; key: string; delivery: Delivery }
	| { kind: "wipe"; key: string };
