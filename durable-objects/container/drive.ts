import type { Ready } from "../../containers/node/ready.ts";
import type { ContainerOrder } from "../ports.ts";
import { isFinal } from "./failure.ts";

/**
 * How far a node's container is. Kept in storage; the object's alarm goes off `at` the latest.
 *
 * - `starting`: the platform is to be asked for a container
 * - `booting`: it has said yes, and the runtime has not answered
 * - `up`: the runtime has answered
 * - `stopping`: it is to be gone; `next` is ordered already
 */
export type Drive =
	| { phase: "starting"; order: ContainerOrder; key: string; failures: number; at: number }
	| { phase: "booting"; order: ContainerOrder; key: string; failures: number; since: number; at: number }
	/** `silentSince`: when it was first missed. `heardAt`: when it was last heard before that, where somebody knew it then. */
	| { phase: "up"; order: ContainerOrder; key: string; uid: string; at: number; silentSince?: number; heardAt?: number }
	| { phase: "stopping"; order: ContainerOrder; key: string; since: number; at: number; next?: ContainerOrder };

/** What the container's object sees. */
export interface Look {
	/** Absent: it could not be asked. `true` does not mean that anything in it works. */
	running?: boolean;
	/** The runtime's answer. */
	ready?: Ready;
	/** The runtime's last words, or the platform's, with the last lines of the container's log where there are any. */
	failure?: string;
	/** Why there is no answer. */
	error?: string;
}

/** What to do now. */
export type Step = "start" | "look" | "stop";

/**
 * What came of a step. `healthy`: an admitted connection over which the machine was heard lately. `heardAt`: when it was last
 * heard over the connection that is open; absent: there is none, and nobody remembers. `busy`: it has calls.
 */
export type Outcome =
	| { of: "start"; error?: string }
	| { of: "look"; look: Look; healthy: boolean; heardAt?: number; busy: boolean }
	| { of: "stop"; running: boolean };

/** What follows from it, in this order. */
export type Effect =
	| { type: "destroy" }
	/** Open a connection to the runtime. */
	| { type: "dial" }
	/** The machine is gone for good. */
	| { type: "replaced"; why: string }
	| { type: "failed"; message: string; final: boolean };

export interface Driven {
	/** Absent: there is no container any more. */
	drive?: Drive;
	effects: Effect[];
}

/** So many starts fail before another name is tried. */
const STARTS = 3;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_MAX_MS = 30_000;
/** A start takes 9 s at p99 (Cloudflare's default policy); one of which nothing is known has this long. */
const START_BUDGET_MS = 30_000;
/** One that is said to be running has this long. */
const BOOT_BUDGET_MS = 60_000;
const BOOT_LOOK_MS = 250;
/** Silent for this long after it was first missed, a container is deaf, whatever else it answers. */
export const DEAF_MS = 25_000;
const DEAF_LOOK_MS = 2_000;
/** While it has calls; and otherwise. What happens inside a container keeps it alive for nobody: an alarm must. */
const BUSY_LOOK_MS = 15_000;
const IDLE_LOOK_MS = 60_000;
const STOP_LOOK_MS = 500;
const STOP_GRACE_MS = 10_000;

/** Takes an order. One that is carried out already changes nothing. @param key what opens the container's link */
export function ordered(drive: Drive | undefined, order: ContainerOrder, key: string, now: number): Drive {
	if (!drive) return { phase: "starting", order, key, failures: 0, at: now };
	return drive.phase === "stopping" ? { ...drive, next: order } : drive;
}

/** The container is to be gone. */
export function stopped(drive: Drive, now: number): Drive {
	const { order, key } = drive;
	return drive.phase === "stopping" ? { ...drive, next: undefined } : { phase: "stopping", order, key, since: now, at: now };
}

/** A call is about to be sent: from now on the container is looked at as one that has calls. */
export function busy(drive: Drive, now: number): Drive {
	return drive.phase === "up" && drive.at > now + BUSY_LOOK_MS ? { ...drive, at: now + BUSY_LOOK_MS } : drive;
}

/** What to do at `now`; `undefined`: nothing before `drive.at`. */
export function step(drive: Drive, now: number): Step | undefined {
	if (now < drive.at) return undefined;
	return drive.phase === "starting" ? "start" : drive.phase === "stopping" ? "stop" : "look";
}

/** @param nextKey of the container that is started next */
export function evolve(drive: Drive, outcome: Outcome, now: number, nextKey: string): Driven {
	if (drive.phase === "starting" && outcome.of === "start") return afterStart(drive, outcome.error, now, nextKey);
	if (drive.phase === "booting" && outcome.of === "look") return afterBootLook(drive, outcome.look, now, nextKey);
	if (drive.phase === "up" && outcome.of === "look") return afterLook(drive, outcome, now);
	if (drive.phase === "stopping" && outcome.of === "stop") return afterStop(drive, outcome.running, now, nextKey);
	// It was ordered otherwise while the step was under way. Whatever it is, it does not come back at once and for ever.
	return { drive: { ...drive, at: Math.max(drive.at, now + STOP_LOOK_MS) }, effects: [] };
}

function afterStart(drive: Drive & { phase: "starting" }, error: string | undefined, now: number, nextKey: string): Driven {
	if (error !== undefined) return failed(drive, error, now, nextKey);
	const { order, key, failures } = drive;
	return { drive: { phase: "booting", order, key, failures, since: now, at: now }, effects: [] };
}

function afterBootLook(drive: Drive & { phase: "booting" }, look: Look, now: number, nextKey: string): Driven {
	const { order, key, since } = drive;
	if (look.ready) return { drive: { phase: "up", order, key, uid: look.ready.uid, at: now + DEAF_LOOK_MS }, effects: [{ type: "dial" }] };
	if (look.failure !== undefined) return failed(drive, look.failure, now, nextKey);
	const why = look.error ?? "It said nothing.";
	if (look.running === false) return failed(drive, `The container ended before it answered. ${why}`, now, nextKey);
	if (look.error !== undefined && isFinal(look.error)) return failed(drive, look.error, now, nextKey);
	const budget = look.running === true ? BOOT_BUDGET_MS : START_BUDGET_MS;
	if (now - since >= budget) return failed(drive, `The container did not answer within ${budget / 1000} s. ${why}`, now, nextKey);
	return { drive: { ...drive, at: now + BOOT_LOOK_MS }, effects: [] };
}

function failed(drive: Drive & { failures: number }, message: string, now: number, nextKey: string): Driven {
	const { order } = drive;
	const failures = drive.failures + 1;
	const final = isFinal(message);
	if (final || failures >= STARTS) return { effects: [{ type: "destroy" }, { type: "failed", message, final }] };
	const wait = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
	return { drive: { phase: "starting", order, key: nextKey, failures, at: now + wait }, effects: [{ type: "destroy" }] };
}

function afterLook(drive: Drive & { phase: "up" }, outcome: Outcome & { of: "look" }, now: number): Driven {
	const { look, healthy, busy } = outcome;
	const { silentSince, heardAt, ...rest } = drive;
	if (look.running === false) return over(look.failure ?? "The container has ended.");
	if (look.ready && look.ready.uid !== drive.uid) return over("Another container has taken its place.");
	if (healthy) return { drive: { ...rest, at: now + (busy ? BUSY_LOOK_MS : IDLE_LOOK_MS) }, effects: [] };
	// Only the first look that misses it knows: the connection over which it was heard ends with the next dial.
	const missed = silentSince === undefined ? { silentSince: now, heardAt: outcome.heardAt } : { silentSince, heardAt };
	if (now - missed.silentSince >= DEAF_MS) return over(`The container runs, and did not speak for ${silence(missed, now)}.`);
	return { drive: { ...rest, ...missed, at: now + DEAF_LOOK_MS }, effects: [{ type: "dial" }] };
}

function silence({ silentSince, heardAt }: { silentSince: number; heardAt: number | undefined }, now: number): string {
	const seconds = Math.round((now - (heardAt ?? silentSince)) / 1000);
	return heardAt === undefined ? `at least ${seconds} s` : `${seconds} s`;
}

/** Destroyed even if it has ended: what is left of it is cleared away. */
function over(why: string): Driven {
	return { effects: [{ type: "destroy" }, { type: "replaced", why }] };
}

function afterStop(drive: Drive & { phase: "stopping" }, running: boolean, now: number, nextKey: string): Driven {
	if (running && now - drive.since < STOP_GRACE_MS) return { drive: { ...drive, at: now + STOP_LOOK_MS }, effects: [] };
	const next = drive.next && ordered(undefined, drive.next, nextKey, now);
	return { ...(next && { drive: next }), effects: [{ type: "destroy" }] };
}
