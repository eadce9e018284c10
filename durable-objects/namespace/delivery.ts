import type { AlarmClock } from "../store/alarm-clock.ts";
import { within } from "../time-limit.ts";
import type { Lanes } from "./lanes.ts";
import { backoff, type QueuedWork } from "./work.ts";

/** Sessions that are told something at the same time. */
const AT_ONCE = 64;
/** An attempt that takes longer counts as failed; telling it again does no harm. */
const ATTEMPT_TIMEOUT_MS = 30_000;
/** While anything is under way an alarm stands this far ahead, so that a crash delays it by no more. */
export const RECOVERY_MS = 2_000;

export interface Queue {
	/** What a session is to be told next. */
	head(session: string): QueuedWork | undefined;
	/** The first item of each session, where it is due. */
	due(now: number, limit: number): QueuedWork[];
	/** When something is due next; `undefined` when nothing is left. */
	nextAt(): number | undefined;
}

export interface DeliveryPorts {
	queue: Queue;
	lanes: Lanes;
	alarm: Pick<AlarmClock, "noLaterThan" | "set">;
	/** Tells the session, and takes the item out of the queue. Rejects to be tried again. */
	tell(item: QueuedWork): Promise<void>;
	/** Records that the item could not be told and is next due at `nextAt`. */
	failed(item: QueuedWork, error: unknown, nextAt: number): void;
	now(): number;
	random(): number;
}

/**
 * Empties the queue of work: each session in order, sessions side by side, again and again with backoff. It keeps
 * nothing that matters; whatever is lost with it is found in the queue by the next alarm.
 */
export class Delivery {
	readonly #ports: DeliveryPorts;
	#underWay = 0;
	/** Something due was passed over because its lane, or everything, was busy. */
	#passedOver = false;
	#idle: (() => void)[] = [];

	constructor(ports: DeliveryPorts) {
		this.#ports = ports;
	}

	/** Arms the alarm ahead of work that is about to be written. */
	expect(): void {
		const { alarm, now } = this.#ports;
		alarm.noLaterThan(now() + RECOVERY_MS);
	}

	/** Starts everything that is due. */
	pump(): void {
		const { queue, now } = this.#ports;
		this.#passedOver = false;
		for (const { work } of queue.due(now(), AT_ONCE * 2)) this.#start(work.session);
		if (this.#underWay === 0) this.#rest();
	}

	/** Starts what one session is owed; resolves when it has been tried. */
	async push(session: string): Promise<void> {
		this.#start(session);
		await this.#ports.lanes.settled(session);
	}

	/** Runs `job` when the session is not being told anything else. @throws Error with `retryable` when it takes too long */
	async direct<T>(session: string, job: () => Promise<T>): Promise<T> {
		try {
			return await this.#ports.lanes.run(session, () => within(ATTEMPT_TIMEOUT_MS, job()));
		} finally {
			if (this.#passedOver && this.#underWay < AT_ONCE) this.pump();
		}
	}

	/** Resolves when nothing is under way. */
	idle(): Promise<void> {
		return this.#underWay === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
	}

	#start(session: string): void {
		const { lanes } = this.#ports;
		if (lanes.busy(session) || this.#underWay >= AT_ONCE) {
			this.#passedOver = true;
			return;
		}
		this.#underWay++;
		lanes
			.run(session, () => this.#empty(session))
			.catch((error) => console.error(`session ${session} could not be told`, error))
			.then(() => this.#ended());
	}

	/** Tells a session everything that it is owed, until there is nothing, or it fails. */
	async #empty(session: string): Promise<void> {
		const { queue, tell, failed, now, random } = this.#ports;
		for (let item = queue.head(session); item && item.nextAt <= now(); item = queue.head(session)) {
			try {
				await within(ATTEMPT_TIMEOUT_MS, tell(item));
			} catch (error) {
				return failed(item, error, now() + backoff(item.attempts + 1, random));
			}
		}
	}

	#ended(): void {
		this.#underWay--;
		if (this.#passedOver && this.#underWay <= AT_ONCE / 2) this.pump();
		else if (this.#underWay === 0) this.#rest();
	}

	/** Nothing is under way: the alarm stands at what is due next, or nowhere. */
	#rest(): void {
		const { queue, alarm, now } = this.#ports;
		const next = queue.nextAt();
		// What waits for a direct message is started when that ends. An alarm set to the present from inside alarm() would
		// be lost (workerd#6866).
		const soonest = this.#passedOver ? now() + RECOVERY_MS : now() + 1;
		alarm.set(next === undefined ? undefined : Math.max(next, soonest));
		for (const resolve of this.#idle.splice(0)) resolve();
	}
}
