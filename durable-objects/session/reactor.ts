/**
 * Keeps the effects that the state calls for under way: it asks `decide`, journals, starts what is missing and aborts
 * what is no longer wanted. It knows neither Cloudflare nor what an effect does. Storage, clock, alarm and the effects
 * themselves are handed in.
 *
 * Kill it anywhere: every effect is wanted again by the next reactor over the same journal, because wanting is a
 * function of the journal alone.
 */
import { type DecideContext, type Decision, decide, earliest } from "./decide.ts";
import type { Effect } from "./effect.ts";
import type { Journaled, SessionEvent } from "./events.ts";
import { evolve, fold } from "./evolve.ts";
import { type ActiveRun, owedCalls, type SessionState } from "./state.ts";

export interface ReactorPorts {
	now(): number;
	/** Durable events, in order. `append` may throw; then nothing was written. */
	journal: { all(): Iterable<Journaled>; append(seq: number, at: number, events: readonly SessionEvent[]): Journaled[] };
	/** Replaces the one alarm; `undefined` removes it. Part of the same commit as the journal writes around it. */
	setAlarm(at: number | undefined): void;
	/** Carries an effect out. A rejection is the infrastructure's fault: the effect is tried again and counts for nothing. */
	execute(effect: Effect, signal: AbortSignal): Promise<Outcome>;
	/** What is known besides of what an event tells, e.g. what a command had printed that is cut. Absent: nothing. */
	complete?(event: SessionEvent): SessionEvent;
	/** New events are in the journal. */
	appended(events: readonly Journaled[]): void;
	/** Something failed and will be tried again. */
	log(message: string, error: unknown): void;
	defaultModel: string;
	/** This deployment has a store of checkpoints. */
	checkpoints: boolean;
}

export interface Outcome {
	events: SessionEvent[];
	/** The effect goes on elsewhere (a command on a node, a place in a queue): ask again in this many milliseconds. */
	askAgainMs?: number;
}

/**
 * An interrupted run is taken up at the latest this long after it was lost: half as long as it was silent before, within
 * these bounds. What goes on elsewhere (a command, a place in a queue) comes back by itself, so the object need not be
 * woken often for it.
 */
const RECOVER_MIN_MS = 3_000;
const RECOVER_MAX_MS = 4_000;
const RECOVER_ELSEWHERE_MAX_MS = 30_000;
/** An alarm that would fire sooner than this for nothing is moved on; at most one row a second is written for it. */
const MOVE_ALARM_MS = 1_500;
/** More than any session needs at once: an event that changes nothing must not fill the journal. */
const MAX_ROUNDS = 200;
/** Backoff after an effect was rejected by the infrastructure. */
const REJECTED_MIN_MS = 250;
const REJECTED_MAX_MS = 10_000;

export class Reactor {
	readonly #ports: ReactorPorts;
	readonly #context: DecideContext;
	readonly state: SessionState;
	readonly #inFlight = new Map<string, AbortController>();
	readonly #parked = new Map<string, { effect: Effect; until: number }>();
	readonly #rejections = new Map<string, number>();
	#alarm: number | undefined;
	#progressAt: number;
	#resume: boolean;
	#reconciling = false;

	constructor(ports: ReactorPorts) {
		this.#ports = ports;
		this.state = fold(ports.journal.all());
		this.#context = { defaultModel: ports.defaultModel, checkpoints: ports.checkpoints };
		this.#progressAt = ports.now();
		this.#resume = this.state.run !== undefined;
	}

	/** Journals events and folds them in. @throws what the journal throws; the state is then unchanged. */
	append(events: readonly SessionEvent[]): void {
		if (events.length === 0) return;
		const written = this.#ports.journal.append(this.state.seq, this.#ports.now(), events);
		for (const event of written) evolve(this.state, event);
		this.#progressAt = this.#ports.now();
		this.#ports.appended(written);
	}

	/** Brings what is under way in line with what the state wants. Never throws: what fails is tried again by alarm. */
	reconcile(): void {
		if (this.#reconciling) return;
		this.#reconciling = true;
		try {
			if (this.#resume && this.state.run && mayReturn(this.state.run))
				this.append([{ type: "drive.started", run: this.state.run.run, fence: this.state.fence + 1 }]);
			this.#resume = false;
			const decision = this.#settle();
			this.#abortUnwanted(decision.effects);
			const missing = decision.effects.filter((effect) => !this.#inFlight.has(effect.key) && !this.#isParked(effect.key));
			this.#armAlarm(decision, missing.length > 0);
			for (const effect of missing) this.#start(effect);
		} catch (error) {
			this.#ports.log("the session could not go on, will try again", error);
			this.#setAlarm(this.#ports.now() + RECOVER_MIN_MS);
		} finally {
			this.#reconciling = false;
		}
	}

	/** The alarm went off. */
	alarm(): void {
		this.#alarm = undefined;
		this.reconcile();
	}

	/** Something an effect of this kind waits for may have come: ask again now. */
	poke(kind: Effect["kind"]): void {
		for (const [key, { effect }] of this.#parked) if (effect.kind === kind) this.#parked.delete(key);
		this.reconcile();
	}

	/** Aborts everything under way, for an object that is about to be wiped. */
	stop(): void {
		for (const controller of this.#inFlight.values()) controller.abort();
		this.#inFlight.clear();
		this.#parked.clear();
	}

	#settle(): Decision {
		for (let round = 0; round < MAX_ROUNDS; round += 1) {
			const decision = decide(this.state, this.#ports.now(), this.#context);
			if (decision.append.length === 0) return decision;
			this.append(this.#completed(decision.append));
		}
		throw new Error(`the session decided ${MAX_ROUNDS} times in a row to journal something`);
	}

	#completed(events: readonly SessionEvent[]): readonly SessionEvent[] {
		return events.map((event) => this.#ports.complete?.(event) ?? event);
	}

	#abortUnwanted(wanted: readonly Effect[]): void {
		const keys = new Set(wanted.map((effect) => effect.key));
		for (const [key, controller] of this.#inFlight) {
			if (keys.has(key)) continue;
			this.#inFlight.delete(key);
			controller.abort();
		}
		for (const key of this.#parked.keys()) if (!keys.has(key)) this.#parked.delete(key);
		for (const key of this.#rejections.keys()) if (!keys.has(key)) this.#rejections.delete(key);
	}

	#isParked(key: string): boolean {
		const parked = this.#parked.get(key);
		if (!parked) return false;
		if (parked.until > this.#ports.now()) return true;
		this.#parked.delete(key);
		return false;
	}

	#start(effect: Effect): void {
		const controller = new AbortController();
		this.#inFlight.set(effect.key, controller);
		this.#ports.execute(effect, controller.signal).then(
			(outcome) => this.#ended(effect, controller, outcome),
			(error) => this.#rejected(effect, controller, error),
		);
	}

	/** What returns after its effect was aborted or replaced is discarded: it belongs to an older drive. */
	#ended(effect: Effect, controller: AbortController, outcome: Outcome): void {
		if (this.#inFlight.get(effect.key) !== controller) return;
		try {
			this.append(this.#completed(outcome.events));
		} catch (error) {
			this.#rejected(effect, controller, error);
			return;
		}
		this.#inFlight.delete(effect.key);
		this.#rejections.delete(effect.key);
		if (outcome.askAgainMs !== undefined) this.#parked.set(effect.key, { effect, until: this.#ports.now() + outcome.askAgainMs });
		this.reconcile();
	}

	#rejected(effect: Effect, controller: AbortController, error: unknown): void {
		if (this.#inFlight.get(effect.key) !== controller) return;
		this.#inFlight.delete(effect.key);
		const times = (this.#rejections.get(effect.key) ?? 0) + 1;
		this.#rejections.set(effect.key, times);
		const delay = Math.min(REJECTED_MIN_MS * 2 ** (times - 1), REJECTED_MAX_MS);
		this.#ports.log(`${effect.key} was refused ${times} time(s), trying again in ${delay} ms`, error);
		this.#parked.set(effect.key, { effect, until: this.#ports.now() + delay });
		this.reconcile();
	}

	/** Armed before an effect starts and moved on with progress, so that a lost run is always taken up again. */
	#armAlarm(decision: Decision, starting: boolean): void {
		const now = this.#ports.now();
		const here = starting || this.#inFlight.size > 0;
		const longest = here ? RECOVER_MAX_MS : RECOVER_ELSEWHERE_MAX_MS;
		const pause = Math.min(Math.max((now - this.#progressAt) / 2, RECOVER_MIN_MS), longest);
		const recovery = here || this.state.run ? now + pause : undefined;
		const parked = [...this.#parked.values()].map(({ until }) => until);
		const due = earliest(decision.wakeAt, recovery, ...parked);
		if (due === undefined) {
			if (this.#alarm !== undefined) this.#setAlarm(undefined);
			return;
		}
		const tooLate = this.#alarm === undefined || due < this.#alarm;
		const tooSoon = this.#alarm !== undefined && due > this.#alarm && this.#alarm - now < MOVE_ALARM_MS;
		if (tooLate || tooSoon) this.#setAlarm(due);
	}

	#setAlarm(at: number | undefined): void {
		this.#alarm = at;
		// `setAlarm` for this very millisecond from inside an alarm is lost (workerd#6866).
		this.#ports.setAlarm(at === undefined ? undefined : Math.max(at, this.#ports.now() + 1));
	}
}

/**
 * Something that an older drive began may still come back, so it is fenced off. A run that only waits for a machine began
 * nothing, and needs no row each time it is woken.
 */
function mayReturn(run: ActiveRun): boolean {
	const owed = owedCalls(run);
	return owed.length === 0 || owed.some((call) => call.started);
}
