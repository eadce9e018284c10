import type { Lanes } from "./lanes.ts";
import { backoff, type QueuedWork } from "./work.ts";

/** Sessions that are told something at the same time. */
const AT_ONCE = 64;
/** An attempt that takes longer counts as failed; telling it again does no harm. */
export const ATTEMPT_TIMEOUT_MS = 30_000;
/** While anything is under way an alarm stands this far ahead, so that a crash delays it by no more. */
export const RECOVERY_MS = 2_000;

export interface Queue {
	head(session: string): QueuedWork | undefined;
	/** The first item of each session, where it is due. */
	due(now: number, limit: number): QueuedWork[];
	nextAt(): number | undefined;
}

export interface DeliveryPorts {
	queue: Queue;
	lanes: Lanes;
	/** Tells the session. Rejects to be tried again. */
	tell(item: QueuedWork, signal: AbortSignal): Promise<void>;
	/** Records a failure; the item is next due at `nextAt`. */
	failed(item: QueuedWork, error: unknown, nextAt: number): void;
	/** Moves the alarm; `undefined` puts it away. */
	arm(at: number | undefined): void;
	now(): number;
	random(): number;
}

/**
 * Empties the queue of work: every session in order, sessions side by side, again and again with backoff. It keeps
 * nothing that matters; whatever is lost with it is found in the queue by the next alarm.
 */
export class Delivery {
	readonly #ports: DeliveryPorts;
	#underWay = 0;
	#waiting = false;
	#idle: (() => void)[] = [];

	constructor(ports: DeliveryPorts) {
		this.#ports = ports;
	}

	/** Arms the alarm ahead of work that is about to be written. */
	expect(): void {
		this.#ports.arm(this.#ports.now() + RECOVERY_MS);
	}

	/** Starts everything that is due. */
	pump(): void {
		const { queue, now } = this.#ports;
		this.#waiting = false;
		for (const { work } of queue.due(now(), AT_ONCE * 2)) this.#start(work.session);
		if (this.#underWay === 0) this.#rest();
	}

	/** Starts what one session is owed, and resolves when it has been tried. */
	async push(session: string): Promise<void> {
		this.#start(session);
		await this.#ports.lanes.settled(session);
	}

	/** Resolves when nothing is under way. */
	idle(): Promise<void> {
		return this.#underWay === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
	}

	#start(session: string): void {
		const { lanes } = this.#ports;
		// What holds the lane looks at the queue again when it ends, if it is ours; a direct message does not.
		if (lanes.busy(session) || this.#underWay >= AT_ONCE) {
			this.#waiting = true;
			return;
		}
		this.#underWay++;
		lanes.run(session, () => this.#empty(session)).then(() => this.#ended());
	}

	/** Tells a session everything that it is owed, until there is nothing, or it fails. */
	async #empty(session: string): Promise<void> {
		const { queue, tell, failed, now, random } = this.#ports;
		for (let item = queue.head(session); item && item.nextAt <= now(); item = queue.head(session)) {
			const timeout = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
			try {
				await Promise.race([tell(item, timeout), rejection(timeout)]);
			} catch (error) {
				failed(item, error, now() + backoff(item.attempts + 1, random));
				return;
			}
		}
	}

	#ended(): void {
		this.#underWay--;
		if (this.#waiting && this.#underWay <= AT_ONCE / 2) this.pump();
		else if (this.#underWay === 0) this.#rest();
	}

	/** Nothing is under way: the alarm stands at what is due next, or nowhere. */
	#rest(): void {
		const { queue, arm, now } = this.#ports;
		const next = queue.nextAt();
		// An alarm set to the present from inside alarm() is lost (workerd#6866).
		arm(next === undefined ? undefined : Math.max(next, now() + 1));
		for (const resolve of this.#idle.splice(0)) resolve();
	}
}

function rejection(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
