import { addUsage, NO_USAGE, textOf, toolCallsOf } from "../../src/models/message.ts";
import type { Notice, RunStatus } from "../ports.ts";
import { arrivalText } from "./arrival.ts";
import { CHANGING } from "./changing-tools.ts";
import { withoutOutput } from "./cut-output.ts";
import type { Journaled, SessionEvent } from "./events.ts";
import { foldExecClosed, foldExecsEnded } from "./execs.ts";
import { foldAbandoned, foldBegun, foldCheckpoint, foldLost, foldPlaced, foldUnheard, foldUnkept, NO_STORE, startEpoch } from "./files.ts";
import { foldDelivered, foldLeaseBegin, foldLeaseEnd } from "./leaving.ts";
import { oweFarewell, oweForget, oweRelease, oweRemoval, oweStop } from "./outbox.ts";
import { cutShort, leftNode, owe, report } from "./reporting.ts";
import { endSilence, fallSilent, waitsInSilence } from "./silence.ts";
import { type ActiveRun, emptyState, type OpenCall, type SessionState, sessionRef, workspaceName } from "./state.ts";

/**
 * Folds one event into the state. The state is changed in place and returned: it has one owner, and a transcript that
 * is copied at each event would make a run's cost grow with its square.
 */
export function evolve(state: SessionState, { seq, at, event }: Journaled): SessionState {
	state.seq = seq;
	state.at = at;
	apply(state, event);
	return state;
}

/** Rebuilds a session from its journal. */
export function fold(events: Iterable<Journaled>): SessionState {
	const state = emptyState();
	for (const event of events) evolve(state, event);
	return state;
}

function apply(state: SessionState, event: SessionEvent): void {
	switch (event.type) {
		case "session.opened":
			state.identity = event.identity;
			state.agent = event.agent;
			return;
		case "agent.changed":
			state.agent = event.agent;
			return;
		case "message.accepted":
			state.keys.set(event.key, { run: event.run, seq: state.seq });
			state.queue.push(event);
			state.runs.set(event.run, { run: event.run, phase: "Pending", iterations: 0, usage: NO_USAGE });
			return;
		case "run.started":
			startRun(state, event);
			return;
		case "drive.started":
			state.fence = event.fence;
			return;
		case "cancel.requested":
			requestCancel(state, event);
			return;
		case "run.finished":
			finishRun(state, event);
			return;
		case "lease.queued":
			state.waitingFor = event.message;
			report(state);
			return;
		case "lease.granted": {
			const renewed = state.lease?.id === event.lease.id;
			if (!renewed) foldLeaseBegin(state, event);
			if (!renewed) state.recall = undefined;
			state.lease = event.lease;
			// What a longer life is given to waits for whatever it waited for.
			if (!renewed) state.waitingFor = undefined;
			const notices = foldPlaced(state, event.lease);
			if (!renewed) report(state, notices);
			if ([...state.execs.values()].some(({ kept }) => !kept)) foldUnkept(state, NO_STORE);
			return;
		}
		case "lease.released": {
			const notices: Notice[] = [];
			const bound = state.uncheckpointed ? state.workspace?.node : undefined;
			if (state.identity) oweRelease(state.outbox, sessionRef(state.identity), state.lease, state.seq, bound);
			if (event.cause) notices.push(leftNode(state.lease?.node, event));
			foldLeaseEnd(state, event.cause);
			if (event.id !== undefined) foldExecsEnded(state, event.reason);
			state.leftAt = state.at;
			state.lease = undefined;
			state.recall = undefined;
			state.waitingFor = undefined;
			// A run that goes on without its node, which `kubectl drain` waits to see.
			report(state, notices);
			return;
		}
		case "lease.recalled":
			if (state.lease?.id === event.id) {
				const { by, reason, cause, cutAt, execsCutAt, abandon = false } = event;
				state.recall = { at: state.recall?.at ?? state.at, by, reason, cause, cutAt, execsCutAt, abandon };
			}
			return;
		case "exec.opened":
			state.execs.set(event.id, { openedAt: state.at, by: event.by, kept: event.kept ?? false });
			state.hasRun = true;
			state.touched = true;
			if (state.lease && !event.kept) foldUnkept(state, NO_STORE);
			return;
		case "exec.closed":
			foldExecClosed(state, event);
			return;
		case "checkpoint.made":
			foldCheckpoint(state, { ...event.checkpoint, at: state.at }, { id: event.exec });
			return;
		case "workspace.rewound":
			startEpoch(state);
			foldCheckpoint(state, { ...event.checkpoint, at: state.at });
			return;
		case "workspace.abandoned":
			foldAbandoned(state, event);
			return;
		case "workspace.lost":
			foldLost(state, event);
			return;
		case "checkpoints.collected":
			// More is collected at once: the session may have no other time.
			if (!event.more) state.garbage = 0;
			return;
		case "session.closed":
			state.closed = true;
			if (state.identity) {
				oweRemoval(state.outbox, state.identity);
				oweFarewell(state.outbox, sessionRef(state.identity));
				for (const node of state.visited) oweForget(state.outbox, node, sessionRef(state.identity), workspaceName(state.identity));
			}
			return;
		case "delivered":
			foldDelivered(state, event);
			return;
		default:
			if (state.run?.run === event.run) applyToRun(state, state.run, event);
	}
}

/** How long a session waits before it asks for another machine, doubled each time. */
const HOLD_MIN_MS = 250;
const HOLD_MAX_MS = 30_000;
const RESTED =
	"[The machine was wanted back in between, so what this session had left running in the background was ended. Its files are as they were.]";

type InRun = Extract<
	SessionEvent,
	{
		type:
			| "model.completed"
			| "model.failed"
			| "lease.refused"
			| "tools.started"
			| "tool.overdue"
			| "tool.waiting"
			| "node.silent"
			| "node.heard"
			| "tools.unbound"
			| "tool.completed";
	}
>;

function applyToRun(state: SessionState, run: ActiveRun, event: InRun): void {
	switch (event.type) {
		case "model.completed": {
			run.steps = event.step;
			run.failures = 0;
			run.retryAt = undefined;
			run.usage = addUsage(run.usage, event.usage);
			// An empty message is no message: providers refuse a transcript that holds one.
			if (event.message.content.length > 0) state.messages.push(event.message);
			const calls = toolCallsOf(event.message);
			run.calls = calls.map((call, index) => ({
				callId: callId(state, index),
				id: call.id,
				name: call.name,
				arguments: call.arguments,
			}));
			run.answer = calls.length === 0 ? { text: textOf(event.message), stopReason: event.stopReason } : undefined;
			return;
		}
		case "lease.refused":
			state.waitingFor = undefined;
			run.failure = { code: "Unschedulable", message: event.message };
			return;
		case "model.failed":
			run.failures = event.attempt;
			run.retryAt = event.retryAt;
			if (event.retryAt === undefined) run.failure = { code: event.code, message: event.message };
			return;
		case "tools.started":
			if (event.calls.some(({ rests }) => rests)) state.hasRun = true;
			foldBegun(state, event.calls);
			for (const started of event.calls) {
				const call = run.calls.find((open) => open.callId === started.callId);
				if (call) Object.assign(call, { started, startedAt: state.at, fence: state.fence });
			}
			return;
		case "tool.overdue": {
			const call = run.calls.find((open) => open.callId === event.callId);
			if (call?.started) Object.assign(call, { overdue: true, started: { ...call.started, giveUpAt: event.giveUpAt } });
			return;
		}
		case "tool.waiting": {
			const call = run.calls.find((open) => open.callId === event.callId);
			if (!call?.started) return;
			Object.assign(call, { overdue: false, waitingFor: event.message, started: { ...call.started, giveUpAt: event.giveUpAt } });
			state.waitingFor = event.message;
			report(state);
			return;
		}
		case "node.silent":
			fallSilent(state, event);
			return;
		case "node.heard":
			endSilence(state);
			return;
		case "tools.unbound": {
			const call = run.calls.find((open) => open.callId === event.callId);
			if (call) endWaiting(state, call);
			if (call) Object.assign(call, { started: undefined, startedAt: undefined, waitingFor: undefined, overdue: false });
			if (!waitsInSilence(state, run)) endSilence(state);
			// The dispatcher may need a moment to learn that a machine is gone: asking it at once would go round in circles.
			run.unbound += 1;
			run.holdUntil = state.at + Math.min(HOLD_MIN_MS * 2 ** (run.unbound - 1), HOLD_MAX_MS);
			return;
		}
		case "tool.completed": {
			const call = run.calls.find((open) => open.callId === event.callId);
			if (!call || call.result) return;
			call.result = { content: event.content, isError: event.isError };
			const { name, callId: id } = event;
			// What the call began with: its own checkpoint comes after.
			const arrived = state.arrival && arrivalText(state.arrival, state);
			if (event.checkpoint) foldCheckpoint(state, { ...event.checkpoint, at: state.at, callId: id, tool: name }, { began: call.startedAt });
			if ((event.abandoned || event.lost) && CHANGING.has(name) && runsWhereFilesAre(state, call))
				foldUnheard(state, id, { ofPerson: false });
			if (event.uncheckpointed) foldUnkept(state, event.unkept);
			endWaiting(state, call);
			const spoke = !event.abandoned && state.silent !== undefined && call.started?.node === state.silent.node;
			if (spoke || !waitsInSilence(state, run)) endSilence(state);
			// A call that came back shows that machines can be had again.
			if (call.started?.node !== undefined && !event.abandoned) run.unbound = 0;
			if (arrived !== undefined && call.started?.node !== undefined && !event.abandoned) {
				call.result.content = `${arrived}\n${event.content}`;
				state.arrival = undefined;
			} else if (state.rested && call.started?.node !== undefined && !event.abandoned) call.result.content = `${RESTED}\n${event.content}`;
			if (call.started?.node !== undefined && !event.abandoned) state.rested = false;
			const { node, incarnation } = call.started ?? {};
			if (event.abandoned && state.recall) report(state, [cutShort(event.name, node, state.recall.reason)]);
			if (event.abandoned && node !== undefined && incarnation !== undefined && state.identity)
				oweStop(state.outbox, { callId: call.callId, node, incarnation }, sessionRef(state.identity), withoutOutput(event.content));
			closeCalls(state, run);
		}
	}
}

function runsWhereFilesAre({ workspace }: SessionState, { started }: OpenCall): boolean {
	return workspace !== undefined && started?.node === workspace.node && started.incarnation === workspace.incarnation;
}

/** What the call waited for on its node is not waited for any more. */
function endWaiting(state: SessionState, { waitingFor }: OpenCall): void {
	if (waitingFor === undefined || state.waitingFor !== waitingFor) return;
	state.waitingFor = undefined;
	report(state);
}

/** Unique over all sessions (64 bits of the uid), safe as a file name, and the same each time the journal is read. */
function callId({ identity, seq }: SessionState, index: number): string {
	return `${identity?.uid.replaceAll("-", "").slice(0, 16) ?? ""}.${seq}.${index}`;
}

/** When every call has its result they become one message, in the order in which the model asked. */
function closeCalls(state: SessionState, run: ActiveRun): void {
	const results = run.calls.flatMap(({ id, name, result }) => (result ? [{ id, name, ...result }] : []));
	if (results.length < run.calls.length) return;
	state.messages.push({ role: "tool", results });
	run.calls = [];
}

function startRun(state: SessionState, event: Extract<SessionEvent, { type: "run.started" }>): void {
	const message = state.queue.find((queued) => queued.run === event.run);
	if (!message || !state.agent) return;
	state.queue = state.queue.filter((queued) => queued !== message);
	state.fence += 1;
	state.messages.push({ role: "user", content: [{ type: "text", text: message.text }] });
	state.rested = false;
	state.run = {
		run: event.run,
		key: message.key,
		task: message.task,
		agent: state.agent,
		model: event.model,
		startedAt: state.at,
		deadlineAt: event.deadlineAt,
		steps: 0,
		failures: 0,
		retryAt: undefined,
		failure: undefined,
		calls: [],
		answer: undefined,
		cancel: undefined,
		usage: NO_USAGE,
		unbound: 0,
		holdUntil: 0,
	};
	report(state);
}

function requestCancel(state: SessionState, event: Extract<SessionEvent, { type: "cancel.requested" }>): void {
	if (state.run?.run === event.run) state.run.cancel = { by: event.by, reason: event.reason };
}

function finishRun(state: SessionState, event: Extract<SessionEvent, { type: "run.finished" }>): void {
	const run = state.run?.run === event.run ? state.run : undefined;
	const queued = state.queue.find((message) => message.run === event.run);
	const status: RunStatus = {
		run: event.run,
		phase: event.phase,
		code: event.code,
		message: event.message,
		result: event.result,
		model: run?.model,
		iterations: event.iterations,
		usage: event.usage,
		startedAt: run?.startedAt,
		finishedAt: state.at,
	};
	state.runs.set(event.run, status);
	if (run) endSilence(state);
	// Whoever has a machine, and no run, waits for nothing.
	if (run && state.lease) state.waitingFor = undefined;
	if (run) state.run = undefined;
	state.queue = state.queue.filter((message) => message !== queued);
	owe(state, status, run?.task ?? queued?.task);
}
