/**
 * Where a person's command (`kubectl exec`) runs: on the node whose lease the session holds. A session without one takes one
 * for the command, so that isolation, cordon, drain and what a node has to give count for people, too.
 */
import type { WorkspaceState } from "../../containers/node/checkpoint/protocol.ts";
import type { SessionLimits } from "../../containers/node/protocol.ts";
import type { Lease } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import type { ExecAsks } from "./exec-asks.ts";
import { type SessionState, sessionRef, workspaceName } from "./state.ts";
import { sessionLimits, workspaceState } from "./workspace-state.ts";

export type ExecTarget =
	| {
			state: "found";
			node: string;
			incarnation: number;
			session: string;
			workspace: string;
			files?: WorkspaceState;
			limits?: SessionLimits;
	  }
	/** Ask again with the same id. `message`: what it waits for, in the dispatcher's words or a sentence. */
	| { state: "waiting"; message: string }
	/** `message`: a sentence that says why. */
	| { state: "none"; message: string };

/** A person's command. */
export interface Exec {
	/** A UUID. */
	id: string;
	/** The person. */
	by: string;
}

export interface ExecTargetPorts {
	/** As it is now. */
	state(): SessionState;
	/** Writes events and does what follows from them. */
	journal(events: SessionEvent[]): void;
	/** Resolves when something was journaled, or after so many milliseconds. */
	changed(ms: number): Promise<void>;
	asks: ExecAsks;
	/** This deployment has a store of checkpoints. */
	checkpoints: boolean;
	now(): number;
}

/** How long one question waits for a lease; short, so that whoever asks is known to be there still. */
const WAIT_MS = 1_000;

/** Opens the command, once, and says where it runs. */
export async function execTarget(uid: string, { id, by }: Exec, ports: ExecTargetPorts): Promise<ExecTarget> {
	const { state, journal, changed, asks, checkpoints, now } = ports;
	const until = now() + WAIT_MS;
	for (;;) {
		const { identity, agent, lease, closed, execs, waitingFor } = state();
		if (identity?.uid !== uid || !agent)
			return none("it has no workspace, because no message was ever sent to it. Send it one and try again.");
		if (closed) return none("it is being deleted.");
		const ended = asks.ending(id);
		if (ended !== undefined) return none(ended);
		asks.asked(id, now());
		// Under a lease that is wanted back, too: who looks for what keeps a drain must get in.
		if (!execs.has(id)) {
			journal([{ type: "exec.opened", id, by, ...(checkpoints && { kept: true }) }]);
			continue;
		}
		// A lease that nobody could renew in time may be another's by now.
		if (lease && lease.expiresAt > now()) return found(lease, state(), checkpoints);
		const left = until - now();
		if (left <= 0) return { state: "waiting", message: waitingFor ?? "a node is looked for." };
		await changed(left);
	}
}

function found({ node, incarnation }: Lease, state: SessionState, checkpoints: boolean): ExecTarget {
	const { identity, agent } = state;
	if (!identity || !agent) return none("it has no workspace.");
	const limits = sessionLimits(agent.spec);
	const files = workspaceState(state, agent.spec, checkpoints);
	const place = { node, incarnation, session: sessionRef(identity), workspace: workspaceName(identity) };
	return { state: "found", ...place, files, ...(limits && { limits }) };
}

function none(message: string): ExecTarget {
	return { state: "none", message };
}
