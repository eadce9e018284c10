/**
 * A machine that somebody waits for and that does not speak. Long before it is lost those who wait are told, so that nobody
 * waits without knowing what for, and told again when it speaks.
 */
import { NODE_LOST_MS, type NodeSilence } from "../ports.ts";

/** Quiet for so long over an open connection: of two heartbeats, 10 s apart, one is missing. */
export const QUIET_MS = 15_000;
/** A machine whose connection has ended is back within this, unless something is wrong: a deployment ends all connections. */
export const GONE_MS = 2_000;
/** How often a connection that is open and quiet is looked at: a heartbeat comes without waking this object. */
const AGAIN_MS = 5_000;
/** Shortest time to the next look. */
const SOON_MS = 1_000;

export interface Standing {
	/** It has an admitted, open connection. */
	connected: boolean;
	/** When it was last heard over it, in milliseconds since the epoch. */
	heardAt: number;
	/** Somebody waits for it: it has calls, or could not be given any. */
	awaited: boolean;
	/** A joined machine is lost after {@link NODE_LOST_MS}; a container is looked after by its drive. */
	joined: boolean;
}

export interface SilencePorts {
	standing(): Standing;
	/** What was told, kept: whoever was told of a silence must hear of its end. */
	stored: { silence(): NodeSilence | undefined; putSilence(silence: NodeSilence | undefined): void };
	now(): number;
}

export class Silence {
	readonly #ports: SilencePorts;
	#told: NodeSilence | undefined;
	/** When its connection ended, as far as this memory knows. */
	#goneAt: number | undefined;
	#dueAt: number | undefined;

	constructor(ports: SilencePorts) {
		this.#ports = ports;
		this.#told = ports.stored.silence();
	}

	/** What those who wait were told; `undefined`: nothing, since it speaks. */
	told(): NodeSilence | undefined {
		return this.#told;
	}

	/** When to {@link look}. It stays so while calls come and go: to move an alarm costs a written row. */
	dueAt(): number | undefined {
		return this.#dueAt;
	}

	/** It is given something to do, and will be missed. */
	expect(): void {
		const { standing, now } = this.#ports;
		this.#dueAt ??= now() + (standing().connected ? QUIET_MS : GONE_MS);
	}

	/** Its connection has ended. */
	gone(): void {
		const { standing, now } = this.#ports;
		this.#goneAt = now();
		if (standing().awaited) this.#dueAt = now() + GONE_MS;
	}

	/** Nobody will ask for this machine again: it is lost, or another has its place. */
	forget(): void {
		this.#goneAt = undefined;
		this.#dueAt = undefined;
		this.#put(undefined);
	}

	/** Whether it speaks. @returns true when those who wait are to be told otherwise than they were */
	look(): boolean {
		const { standing, now } = this.#ports;
		const seen = standing();
		if (seen.connected) this.#goneAt = undefined;
		else if (seen.awaited) this.#goneAt ??= now();
		const found = seen.awaited ? this.#silence(seen) : undefined;
		this.#dueAt = seen.awaited ? this.#next(seen, found !== undefined) : undefined;
		if (found?.connected === this.#told?.connected) return false;
		this.#put(found);
		return seen.awaited;
	}

	#silence({ connected, heardAt, joined }: Standing): NodeSilence | undefined {
		const since = connected ? heardAt : (this.#goneAt ?? this.#ports.now());
		if (this.#ports.now() - since < (connected ? QUIET_MS : GONE_MS)) return undefined;
		return { since, connected, ...(joined && { lostAt: since + NODE_LOST_MS }) };
	}

	/** @returns undefined when what happens next comes by itself: a machine without a connection says hello when it is back */
	#next({ connected, heardAt }: Standing, silent: boolean): number | undefined {
		const now = this.#ports.now();
		if (!connected) return silent ? undefined : (this.#goneAt ?? now) + GONE_MS;
		return silent ? now + AGAIN_MS : Math.max(heardAt + QUIET_MS, now + SOON_MS);
	}

	#put(silence: NodeSilence | undefined): void {
		if (this.#told === undefined && silence === undefined) return;
		this.#told = silence;
		this.#ports.stored.putSilence(silence);
	}
}
