import { NO_USAGE } from "../../src/models/message.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import { parseDuration } from "../../src/resources/quantity.ts";
import type { AgentSnapshot, Inbound, SendReply, SessionIdentity } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import type { SessionState } from "./state.ts";

export interface SendInput {
	identity: SessionIdentity;
	agent: AgentSnapshot;
	message: Inbound;
}

/** What accepting a message writes. The same key again writes nothing and gets the first answer. */
export function accept(state: SessionState, { identity, agent, message }: SendInput): { events: SessionEvent[]; reply: SendReply } {
	const known = state.keys.get(message.key);
	if (known) return { events: [], reply: { ...known, duplicate: true } };
	const events: SessionEvent[] = [];
	if (!state.identity) events.push({ type: "session.opened", identity, agent });
	else if (!sameAgent(state.agent, agent)) events.push({ type: "agent.changed", agent });
	const seq = state.seq + events.length + 1;
	const run = `run-${seq}`;
	const { key, text, author, task, model } = message;
	const deadlineMs = message.deadlineMs ?? parseDuration(agent.spec.limits.deadline);
	events.push({ type: "message.accepted", run, key, text, author, task, model, deadlineMs });
	return { events, reply: { seq, run, duplicate: false } };
}

function sameAgent(known: AgentSnapshot | undefined, agent: AgentSnapshot): boolean {
	return (
		known?.digest === agent.digest &&
		known.name === agent.name &&
		known.priority === agent.priority &&
		known.preemptionPolicy === agent.preemptionPolicy &&
		canonicalJson(known.sessionLabels ?? {}) === canonicalJson(agent.sessionLabels ?? {})
	);
}

export interface CancelInput {
	/** One run, or the run of one message; neither: the current run and every queued one. */
	run?: string;
	key?: string;
	by: string;
	reason: string;
}

/** What a cancellation writes. A run that has ended is left alone, so repeating is harmless. */
export function cancel(state: SessionState, input: CancelInput): { events: SessionEvent[]; cancelled: string[] } {
	const wanted = input.run ?? (input.key === undefined ? undefined : state.keys.get(input.key)?.run);
	if (input.key !== undefined && wanted === undefined) return { events: [], cancelled: [] };
	const events: SessionEvent[] = [];
	const cancelled: string[] = [];
	const current = state.run;
	if (current && (wanted === undefined || wanted === current.run)) {
		if (!current.cancel) events.push({ type: "cancel.requested", run: current.run, by: input.by, reason: input.reason });
		cancelled.push(current.run);
	}
	for (const { run } of state.queue) {
		if (wanted !== undefined && wanted !== run) continue;
		const message = `Cancelled by ${input.by} before it started${input.reason === "" ? "." : `: ${input.reason}`}`;
		events.push({ type: "run.finished", run, phase: "Cancelled", code: "Cancelled", message, result: "", iterations: 0, usage: NO_USAGE });
		cancelled.push(run);
	}
	return { events, cancelled };
}
