/**
 * What a session does next, as a function of its state: events that follow at once, effects that must be under way,
 * and when to look again. Everything a crash can lose is found again by asking this function.
 */
import type { Effect } from "./effect.ts";
import type { SessionEvent } from "./events.ts";
import { watchExecs } from "./execs.ts";
import { type Ending, endingOf, finish } from "./finish.ts";
import { decideHeldUp, execsCutAt } from "./held-up.ts";
import { leaseRequest } from "./lease-request.ts";
import { isDue, isLeaving } from "./leaving.ts";
import { decideRecall } from "./recall.ts";
import { type ActiveRun, owedCalls, type SessionState } from "./state.ts";
import { decideTools, wantsLease } from "./tool-calls.ts";

export interface Decision {
	/** To journal now; when there are any, nothing else is in the decision: fold them in and ask again. */
	append: SessionEvent[];
	effects: Effect[];
	/** Milliseconds since the epoch; absent: nothing is due by time alone. */
	wakeAt?: number;
}

export interface DecideContext {
	/** For agents and messages that name no model. */
	defaultModel: string;
	/** This deployment has a store of checkpoints. */
	checkpoints: boolean;
}

/** Fewer unwanted checkpoints than this are not worth a look at the store. */
const COLLECT_FROM = 10;

/** Leases are renewed when this little of their life is left. */
export const RENEW_BEFORE_MS = 150_000;

export function decide(state: SessionState, now: number, context: DecideContext): Decision {
	if (!state.identity) return { append: [], effects: [] };
	const decision = state.run ? decideRun(state, state.run, now, context) : decideIdle(state, now, context);
	if (decision.append.length > 0) return { append: decision.append, effects: [] };
	decision.effects.push(...deliveries(state));
	return decision;
}

function decideIdle(state: SessionState, now: number, context: DecideContext): Decision {
	const next = state.queue[0];
	if (state.closed && next) {
		const message = "The session was deleted before the message was read.";
		const { run } = next;
		return append({
			type: "run.finished",
			run,
			phase: "Cancelled",
			code: "Cancelled",
			message,
			result: "",
			iterations: 0,
			usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
		});
	}
	if (next) {
		const model = next.model ?? state.agent?.spec.model ?? context.defaultModel;
		return append({ type: "run.started", run: next.run, model, deadlineAt: now + next.deadlineMs });
	}
	const recalled = decideRecall(state, now);
	if (recalled.length > 0) return append(...recalled);
	if (state.execs.size > 0 && !state.closed) {
		return { append: decideHeldUp(state, now).append, ...keepUp(state, now) };
	}
	// A session that has nothing to do holds no machine.
	if (state.lease || state.waitingFor !== undefined) return append({ type: "lease.released", id: state.lease?.id });
	if (state.closed && state.outbox.size === 0) return { append: [], effects: [{ kind: "wipe", key: "wipe" }] };
	if (!state.closed && state.identity && state.garbage >= COLLECT_FROM) {
		const keep = state.checkpoints.map(({ name }) => name);
		return { append: [], effects: [{ kind: "collect", key: `collect:${state.seq}`, identity: state.identity, keep }] };
	}
	return { append: [], effects: [] };
}

function decideRun(state: SessionState, run: ActiveRun, now: number, context: DecideContext): Decision {
	if (state.closed) return end(state, run, { phase: "Cancelled", code: "Cancelled", message: "The session was deleted." }, now);
	if (run.cancel) {
		const { by, reason } = run.cancel;
		const message = `Cancelled by ${by}${reason === "" ? "." : `: ${reason}`}`;
		return end(state, run, { phase: "Cancelled", code: "Cancelled", message }, now);
	}
	if (now >= run.deadlineAt) {
		const seconds = Math.round((run.deadlineAt - run.startedAt) / 1000);
		const message = `The run took longer than its deadline of ${seconds} s. Raise limits.deadline of agent ${run.agent.name}, or the task's deadline.`;
		return end(state, run, { phase: "Failed", code: "DeadlineExceeded", message }, now);
	}
	if (run.failure) return append(...finish(run, { phase: "Failed", ...run.failure }, now));
	if (run.answer) return append(...finish(run, endingOf(run, run.answer), now));

	const recalled = decideRecall(state, now);
	if (recalled.length > 0) return append(...recalled);
	const heldUp = decideHeldUp(state, now).append;
	if (heldUp.length > 0) return append(...heldUp);
	const upkeep = keepUp(state, now);
	if (owedCalls(run).length > 0) {
		const { append: events, effects, wakeAt } = decideTools(state, run, now, context.checkpoints);
		return { append: events, effects: [...effects, ...upkeep.effects], wakeAt: earliest(run.deadlineAt, wakeAt, upkeep.wakeAt) };
	}
	const limit = run.agent.spec.limits.iterations;
	if (run.steps >= limit) {
		const message = `The run reached its limit of ${limit} iterations without an answer. Raise limits.iterations of agent ${run.agent.name}, or send a message to go on.`;
		return append(...finish(run, { phase: "Failed", code: "MaxIterations", message }, now));
	}
	if (run.retryAt !== undefined && now < run.retryAt)
		return { append: [], effects: upkeep.effects, wakeAt: earliest(run.deadlineAt, run.retryAt, upkeep.wakeAt) };
	const step = run.steps + 1;
	const attempt = run.failures + 1;
	const model: Effect = { kind: "model", key: `model:${run.run}:${step}:${attempt}`, run: run.run, step, attempt };
	return { append: [], effects: [model, ...upkeep.effects], wakeAt: earliest(run.deadlineAt, upkeep.wakeAt) };
}

/**
 * The end of a run that may have been waiting for a machine: the dispatcher may have granted one whose word did not
 * arrive, so it is told that none is wanted.
 */
function end(state: SessionState, run: ActiveRun, ending: Ending, now: number): Decision {
	const unwanted: SessionEvent[] = wantsLease(state) && state.execs.size === 0 ? [{ type: "lease.released" }] : [];
	return append(...unwanted, ...finish(run, ending, now));
}

interface Upkeep {
	effects: Effect[];
	wakeAt?: number | undefined;
}

/** What the lease needs, and those who want one. */
function keepUp(state: SessionState, now: number): Upkeep {
	const wanted: Upkeep = wantsLease(state) ? acquire(state, now) : { effects: [] };
	const parts = [wanted, renewLease(state, now), watchExecs(state, now)];
	return {
		effects: parts.flatMap(({ effects }) => effects),
		wakeAt: earliest(...parts.map(({ wakeAt }) => wakeAt), state.recall?.cutAt, execsCutAt(state), decideHeldUp(state, now).wakeAt),
	};
}

function acquire(state: SessionState, now: number): Upkeep {
	const { run } = state;
	if (run && now < run.holdUntil) return { effects: [], wakeAt: run.holdUntil };
	if (isLeaving(state)) return { effects: [] };
	const agent = run?.agent ?? state.agent;
	if (!state.identity || !agent) return { effects: [] };
	const request = leaseRequest(state.identity, state, agent);
	return { effects: [{ kind: "acquire", key: `acquire:${run?.run ?? "exec"}:${state.epoch}`, ...(run && { run: run.run }), request }] };
}

function renewLease(state: SessionState, now: number): Upkeep {
	const lease = state.lease;
	if (!lease) return { effects: [] };
	const due = lease.expiresAt - RENEW_BEFORE_MS;
	// The dispatcher moves nobody whose files are nowhere else, so it is told when that changes.
	const isNews = lease.bound !== undefined && lease.bound !== state.uncheckpointed;
	if (now < due && !isNews) return { effects: [], wakeAt: due };
	return { effects: [{ kind: "renew", key: `renew:${lease.id}:${lease.expiresAt}:${state.uncheckpointed}`, lease }] };
}

function deliveries(state: SessionState): Effect[] {
	const due = [...state.outbox.values()].filter((delivery) => isDue(delivery, state));
	return due.map((delivery) => ({ kind: "deliver", key: `deliver:${delivery.id}`, delivery }));
}

function append(...events: SessionEvent[]): Decision {
	return { append: events, effects: [] };
}

export function earliest(...times: (number | undefined)[]): number | undefined {
	const known = times.filter((time) => time !== undefined);
	return known.length === 0 ? undefined : Math.min(...known);
}
