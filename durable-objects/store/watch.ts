import { failure, type Status } from "../../src/api/status.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { ChangeType, Committed } from "./change-log.ts";
import type { Pulse } from "./pulse.ts";

/** What a watch is told, before it is rendered. */
export type WatchEvent =
	| { type: ChangeType; object: BaseResource; change?: Committed }
	| { type: "BOOKMARK"; resourceVersion: string; initialEventsEnd: boolean }
	| { type: "ERROR"; status: Status };

export interface WatchSource {
	pulse: Pick<Pulse, "durable" | "beyond">;
	/** Number of the newest change, whether it is on disk yet or not. */
	newest(): number;
	/** Changes after a version; `undefined` when they are no longer known. */
	after(version: number, newest: number, limit: number): Committed[] | undefined;
	/** The objects of the watched kind as they are now, in pages that are not too much at once. */
	pages(): Iterable<BaseResource[]>;
	/** Milliseconds since the epoch. */
	now(): number;
}

export interface WatchOptions {
	/** Plural of the stored kind. */
	plural: string;
	matches(object: BaseResource): boolean;
	/** Go on after this version; `undefined`: begin with everything that is there. */
	from: number | undefined;
	bookmarks: boolean;
	/** Say with a bookmark where everything that was there ends. */
	markInitial: boolean;
	/** Ends it; milliseconds. */
	timeoutMs: number;
	/** The client has gone. */
	signal: AbortSignal;
	/** What is watched is about to be no more: what has happened is told, and then it ends. */
	closing: AbortSignal;
}

/** Kubernetes sends bookmarks about once a minute. */
const BOOKMARK_MS = 60_000;
/** Changes looked at in one go. */
const BATCH = 256;

/** Batches of what a watch is told, as fast as they are taken. Ends at the time-out, or after an `ERROR`. */
export async function* watchEvents(source: WatchSource, options: WatchOptions): AsyncGenerator<WatchEvent[], void, undefined> {
	const end = source.now() + options.timeoutMs;
	let cursor = options.from ?? source.newest();
	if (options.from === undefined) {
		// What is there may not be on disk yet.
		while (source.pulse.durable < cursor && !options.signal.aborted) await source.pulse.beyond(cursor - 1, BOOKMARK_MS, options.signal);
		yield* initial(source, options);
		if (options.markInitial) yield [bookmark(cursor, true)];
	}
	let marked = cursor;
	let markedAt = source.now();
	while (!options.signal.aborted && source.now() < end) {
		const { durable } = source.pulse;
		const changes = source.after(cursor, durable, BATCH);
		if (!changes) {
			yield [{ type: "ERROR", status: tooOld(cursor) }];
			return;
		}
		const events = changes.flatMap((change) => (change.plural === options.plural ? seen(change, options.matches) : []));
		cursor = changes.at(-1)?.version ?? cursor;
		if (events.length > 0) yield events;
		else if (changes.length === 0) {
			if (options.bookmarks && source.now() - markedAt >= BOOKMARK_MS) {
				if (cursor > marked) yield [bookmark(cursor, false)];
				marked = cursor;
				markedAt = source.now();
			}
			if (options.closing.aborted) return;
			const signal = AbortSignal.any([options.signal, options.closing]);
			await source.pulse.beyond(cursor, Math.max(1, Math.min(BOOKMARK_MS, end - source.now())), signal);
		}
	}
	// The last word before an orderly end, so that the next watch need not look at what did not concern this one.
	if (options.bookmarks && cursor > marked && !options.signal.aborted) yield [bookmark(cursor, false)];
}

/** Page by page, so that a large namespace is never in memory as a whole. */
function* initial(source: WatchSource, { matches }: WatchOptions): Generator<WatchEvent[], void, undefined> {
	for (const page of source.pages()) {
		const events = page.filter(matches).map((object): WatchEvent => ({ type: "ADDED", object }));
		if (events.length > 0) yield events;
	}
}

/** A change as one who looks through a selector sees it: what begins to match is added, what ceases to is deleted. */
function seen(change: Committed, matches: (object: BaseResource) => boolean): WatchEvent[] {
	const { type, object, previous } = change;
	const now = matches(object);
	const before = type === "ADDED" ? false : previous ? matches(previous) : now;
	if (type === "DELETED") return before ? [{ type, object, change }] : [];
	if (now) return [{ type: before ? "MODIFIED" : "ADDED", object, change }];
	return before ? [{ type: "DELETED", object, change }] : [];
}

function bookmark(version: number, initialEventsEnd: boolean): WatchEvent {
	return { type: "BOOKMARK", resourceVersion: String(version), initialEventsEnd };
}

export function tooOld(version: number): Status {
	return failure("Expired", `too old resource version: ${version}`);
}
