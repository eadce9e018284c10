import type { AlarmClock } from "../store/alarm-clock.ts";
import { within } from "../time-limit.ts";
import type { Delivery, DeliveryQueue } from "./delivery-queue.ts";

/** Objects that are told something at the same time. */
const AT_ONCE = 64;
/** An attempt that takes longer counts as failed; telling it again does no harm. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/** While anything is under way an alarm stands this far ahead, so that a crash delays it by no more. */
const RECOVERY_MS = 2_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export interface DistributionPorts {
	queue: Pick<DeliveryQueue, "due" | "nextAt" | "done" | "failed">;
	alarm: Pick<AlarmClock, "noLaterThan" | "set">;
	/** Tells it. Rejects to be tried again. */
	tell(delivery: Delivery): Promise<void>;
	/** Milliseconds since the epoch. */
	now(): number;
	/** In [0, 1). */
	random(): number;
}

/**
 * Tells other objects what the queue says that they are owed: each one thing at a time, all side by side, again and again
 * with backoff. It keeps nothing that matters; whatever is lost with it is found in the queue by the next alarm.
 */
export class Distribution {
	readonly #ports: DistributionPorts;
	/** Names that are being told something. */
	readonly #underWay = new Set<string>();
	#idle: (() => void)[] = [];
	#stopped = false;

	constructor(ports: DistributionPorts) {
		this.#ports = ports;
	}

	/** Arms the alarm ahead of an order that is about to be written. */
	expect(): void {
		this.#ports.alarm.noLaterThan(this.#ports.now() + RECOVERY_MS);
	}

	/** Nothing is told from now on: what the queue was in is gone. */
	stop(): void {
		this.#stopped = true;
		this.#rest();
	}

	/** Starts everything that is due. */
	pump(): void {
		if (this.#stopped) return;
		const { queue, alarm, now } = this.#ports;
		for (const delivery of queue.due(now(), 2 * AT_ONCE)) {
			if (this.#underWay.size >= AT_ONCE) break;
			if (!this.#underWay.has(laneOf(delivery))) this.#start(delivery);
		}
		if (this.#underWay.size > 0) return;
		const next = queue.nextAt();
		// An alarm set to the present from inside alarm() would be lost (workerd#6866).
		alarm.set(next === undefined ? undefined : Math.max(next, now() + 1));
		this.#rest();
	}

	/** Resolves when everything that was due has been tried. */
	idle(): Promise<void> {
		return this.#underWay.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
	}

	#start(delivery: Delivery): void {
		const { queue, tell, now, random } = this.#ports;
		this.#underWay.add(laneOf(delivery));
		within(ATTEMPT_TIMEOUT_MS, tell(delivery))
			.then(
				() => this.#stopped || queue.done(delivery),
				() => this.#stopped || queue.failed(delivery, now() + backoff(delivery.attempts, random)),
			)
			.catch((error) => console.error(`the cluster could not note what became of ${delivery.what} ${delivery.name}`, error))
			.then(() => {
				this.#underWay.delete(laneOf(delivery));
				this.pump();
			});
	}

	#rest(): void {
		for (const resolve of this.#idle.splice(0)) resolve();
	}
}

/** One object is told one thing at a time. */
function laneOf({ what, name }: Delivery): string {
	return what === "establish" || what === "close" ? `cluster ${name}` : `namespace ${name}`;
}

function backoff(attempts: number, random: () => number): number {
	const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
	return Math.ceil(most / 2 + (most / 2) * random());
}
