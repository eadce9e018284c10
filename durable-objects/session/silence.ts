/** A machine with calls of this session that does not speak: nobody waits for it without knowing. */
import { timestamp } from "../../src/resources/resource.ts";
import type { CallReply, NodeSilence, Notice } from "../ports.ts";
import type { NodeHeard, NodeSilent } from "./events.ts";
import { report } from "./reporting.ts";
import { type ActiveRun, owedCalls, type SessionState } from "./state.ts";

/** Kubernetes' words for the pods of a node that is not ready. */
const NOT_READY: Notice = { type: "Warning", reason: "NodeNotReady", message: "Node is not ready" };

/** What a node's answer to a call says that the session does not know yet. */
export function silenceEvents(
	{ run, silent }: SessionState,
	{ node, incarnation }: { node: string; incarnation: number },
	reply: CallReply,
): (NodeSilent | NodeHeard)[] {
	if (!run || reply.state === "replaced") return [];
	const { silence } = reply;
	const known = silent?.node === node && silent.incarnation === incarnation ? silent : undefined;
	if (!silence) return known && reply.state === "sent" ? [{ type: "node.heard", run: run.run, node, incarnation }] : [];
	if (known?.since === silence.since) return [];
	return [{ type: "node.silent", run: run.run, node, incarnation, since: silence.since, message: silenceMessage(node, silence) }];
}

/** Times, not how long it has been: a sentence that counts would be another one each time. */
export function silenceMessage(node: string, { since, connected, lostAt }: NodeSilence): string {
	const at = timestamp(since);
	const what = connected ? `Nothing was heard of node ${node} since ${at}.` : `Node ${node} is not connected since ${at}.`;
	if (lostAt === undefined) return `${what} Unless it answers soon, its container is replaced, and the session goes on elsewhere.`;
	return `${what} It is given until ${timestamp(lostAt)}; then it is lost, and the session goes on elsewhere.`;
}

export function fallSilent(state: SessionState, { node, incarnation, since, message }: NodeSilent): void {
	state.silent = { node, incarnation, since, message };
	state.waitingFor = message;
	report(state, [NOT_READY]);
}

/** It speaks again, or nothing of this session is under way there any more. */
export function endSilence(state: SessionState): void {
	const { silent } = state;
	if (!silent) return;
	state.silent = undefined;
	if (state.waitingFor !== silent.message) return;
	// A call may have waited for the store of checkpoints before, and does so again.
	state.waitingFor = state.run && owedCalls(state.run).find((call) => call.waitingFor !== undefined)?.waitingFor;
	report(state);
}

/** Calls of the run are on the machine that is silent. */
export function waitsInSilence({ silent }: SessionState, run: ActiveRun): boolean {
	return (
		silent !== undefined &&
		owedCalls(run).some(({ started }) => started?.node === silent.node && started.incarnation === silent.incarnation)
	);
}
