import { addUsage, NO_USAGE, textOf, toolCallsOf } from "../../src/models/message.ts";
import type { Notice, RunStatus } from "../ports.ts";
import type { Journaled, SessionEvent } from "./events.ts";
import { oweFarewell, oweForget, oweRelease, oweRemoval, oweStop } from "./outbox.ts";
import { cutShort, leftNode, owe, report } from "./reporting.ts";
import {
	type ActiveRun,
	CHECKPOINTS_KEPT,
	emptyState,
	type KeptCheckpoint,
	type SessionState,
	sessionRef,
	workspaceName,
} from "./state.ts";

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
			const { node, incarnation } = event.lease;
			const old = state.workspace;
			const moved = !old || old.node !== node || old.incarnation !== incarnation;
			if (moved) startEpoch(state);
			if (old && moved) state.workspaceLost = true;
			// What was only there is gone.
			if (moved) state.uncheckpointed = false;
			if (!renewed) state.recall = undefined;
			state.lease = event.lease;
			state.waitingFor = undefined;
			state.workspace = { node, incarnation };
			state.visited.add(node);
			if (!renewed) report(state);
			return;
		}
		case "lease.released": {
			const notices: Notice[] = [];
			if (state.identity) oweRelease(state.outbox, sessionRef(state.identity), state.lease, state.seq);
			if (event.cause) notices.push(leftNode(state.lease?.node, event));
			state.lease = undefined;
			state.recall = undefined;
			state.waitingFor = undefined;
			// A run that goes on without its node, which `kubectl drain` waits to see.
			report(state, notices);
			return;
		}
		case "lease.recalled":
			if (state.lease?.id === event.id) state.recall = { by: event.by, reason: event.reason, cause: event.cause, cutAt: event.cutAt };
			return;
		case "checkpoint.made":
			keepCheckpoint(state, { ...event.checkpoint, at: state.at });
			return;
		case "workspace.rewound":
			startEpoch(state);
			keepCheckpoint(state, { ...event.checkpoint, at: state.at });
			return;
		case "checkpoints.collected":
			state.garbage = 0;
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
			state.outbox.delete(event.id);
			return;
		default:
			if (state.run?.run === event.run) applyToRun(state, state.run, event);
	}
}

/** How long a session waits before it asks for another machine, doubled each time. */
const HOLD_MIN_MS = 250;
const HOLD_MAX_MS = 30_000;
/** Tools that change files. */
const CHANGING: ReadonlySet<string> = new Set(["bash", "edit", "write"]);
const MOVED =
	"[This session moved to another machine. Its files are those of the last checkpoint; what ran in the background is gone, and so are directories that checkpoints leave out, such as node_modules, .venv and target.]";
const WORKSPACE_LOST = "[The machine that held this session's files is gone. This ran on another one, in an empty workspace.]";

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
			run.failure = { code: "Unschedulable", message: event.message };
			return;
		case "model.failed":
			run.failures = event.attempt;
			run.retryAt = event.retryAt;
			if (event.retryAt === undefined) run.failure = { code: event.code, message: event.message };
			return;
		case "tools.started":
			for (const started of event.calls) {
				const call = run.calls.find((open) => open.callId === started.callId);
				if (call) Object.assign(call, { started, fence: state.fence });
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
		case "tools.unbound": {
			const call = run.calls.find((open) => open.callId === event.callId);
			if (call) Object.assign(call, { started: undefined, overdue: false });
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
			if (event.checkpoint) keepCheckpoint(state, { ...event.checkpoint, at: state.at, callId: id, tool: name });
			const unkept = call.started?.node !== undefined && !call.started.kept && CHANGING.has(name);
			if (event.uncheckpointed || unkept) state.uncheckpointed = true;
			if (call.waitingFor !== undefined && state.waitingFor === call.waitingFor) {
				state.waitingFor = undefined;
				report(state);
			}
			// A call that came back shows that machines can be had again.
			if (call.started?.node !== undefined && !event.abandoned) run.unbound = 0;
			if (state.workspaceLost && call.started?.node !== undefined && !event.abandoned) {
				call.result.content = `${state.head === undefined ? WORKSPACE_LOST : MOVED}\n${event.content}`;
				state.workspaceLost = false;
			}
			const { node, incarnation } = call.started ?? {};
			if (event.abandoned && state.recall) report(state, [cutShort(event.name, node, state.recall.reason)]);
			if (event.abandoned && node !== undefined && incarnation !== undefined && state.identity)
				oweStop(state.outbox, { callId: call.callId, node, incarnation }, sessionRef(state.identity), event.content);
			closeCalls(state, run);
		}
	}
}

/** The files on the node are to be others from here on. */
function startEpoch(state: SessionState): void {
	state.epoch = state.seq;
	state.headOrder = 0;
}

/**
 * The newest checkpoint is what the files are to be. Results of parallel calls may arrive in another order than their
 * checkpoints were made in, and several may name the same one. One that is set back to is the newest again.
 */
function keepCheckpoint(state: SessionState, checkpoint: KeptCheckpoint): void {
	const { name, order = state.headOrder } = checkpoint;
	if (order < state.headOrder) return;
	state.headOrder = order;
	state.uncheckpointed = false;
	if (state.head === name) return;
	state.head = name;
	state.checkpoints.push(checkpoint);
	while (state.checkpoints.length > CHECKPOINTS_KEPT) {
		state.checkpoints.shift();
		state.garbage += 1;
	}
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
	if (run) state.run = undefined;
	state.queue = state.queue.filter((message) => message !== queued);
	owe(state, status, run?.task ?? queued?.task);
}
