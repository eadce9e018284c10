/**
 * Where a person's command (`kubectl exec`) runs: on the node whose lease the session holds. A session without one asks the
 * dispatcher where it would go, so that the command and the session's next tool call see the same files, and gives the
 * lease back at once: a command of a person takes no capacity, since it must also work on a node that is full. While the
 * dispatcher has no room, the node that has the workspace will do.
 */
import type { WorkspaceState } from "../../containers/node/checkpoint/protocol.ts";
import type { SessionLimits } from "../../containers/node/protocol.ts";
import type { AcquireReply, Lease, LeaseRequest } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import { leaseRequest } from "./lease-request.ts";
import { type SessionState, sessionRef, workspaceName } from "./state.ts";
import { wantsLease } from "./tool-calls.ts";
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
	/** `message`: a sentence that says why. */
	| { state: "none"; message: string };

export interface ExecTargetPorts {
	/** As it is now: it changes while the dispatcher is asked. */
	state(): SessionState;
	dispatcher: {
		acquire(request: LeaseRequest): Promise<AcquireReply>;
		release(given: { session: string; lease: string }): Promise<void>;
	};
	/** This deployment has a store of checkpoints. */
	checkpoints: boolean;
	/** Writes events and does what follows from them. */
	journal(events: SessionEvent[]): void;
}

/** No lease has it: gives back a place in the queue only. */
const NO_LEASE = "";

export async function execTarget(uid: string, { state, dispatcher, checkpoints, journal }: ExecTargetPorts): Promise<ExecTarget> {
	const { identity, agent, lease, closed } = state();
	if (identity?.uid !== uid || !agent || closed)
		return none("it has no workspace, because no message was ever sent to it. Send it one and try again.");
	const session = sessionRef(identity);
	const at = ({ node, incarnation }: { node: string; incarnation: number }): ExecTarget => {
		const limits = sessionLimits(agent.spec);
		const files = workspaceState(state(), agent.spec, checkpoints);
		return { state: "found", node, incarnation, session, workspace: workspaceName(identity), files, ...(limits && { limits }) };
	};
	if (lease) return at(lease);

	const reply = await dispatcher.acquire(leaseRequest(identity, state(), agent, checkpoints));
	const now = state();
	const gone = now.identity?.uid !== uid || now.closed;
	// A run that started meanwhile waits in the same place of the queue, or has the same lease.
	const alone = gone || (!wantsLease(now) && now.lease === undefined);
	if (reply.state === "refused") return none(reply.message);
	if (reply.state === "queued") {
		if (alone) await dispatcher.release({ session, lease: NO_LEASE });
		if (gone || !now.workspace) return none(reply.message);
		return at(now.workspace);
	}
	if (!gone && !isAt(now.workspace, reply.lease)) journal([{ type: "lease.granted", lease: reply.lease }]);
	else if (alone) await dispatcher.release({ session, lease: reply.lease.id });
	return gone ? none("it is being deleted.") : at(reply.lease);
}

function isAt(workspace: SessionState["workspace"], { node, incarnation }: Lease): boolean {
	return workspace?.node === node && workspace.incarnation === incarnation;
}

function none(message: string): ExecTarget {
	return { state: "none", message };
}
