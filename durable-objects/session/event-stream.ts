import type { Journaled, LiveEvent, SessionEvent } from "./events.ts";

export interface EventSource {
	/** Durable events after `seq`, a page at a time. */
	after(seq: number): Journaled[];
	/** Sequence number of the newest event. */
	newest(): number;
	/** Resolves when everything that `after` returns is on disk: nothing is shown that a crash could take back. */
	durable(): Promise<void>;
	live(seen: Map<string, number>): LiveEvent[];
	/** Resolves when there may be something new, or after `ms`. */
	changed(ms: number): Promise<void>;
	/** The run has ended, or is unknown. */
	over(run: string): boolean;
}

export interface StreamOptions {
	after: number;
	follow: boolean;
	/** Only this run's events, and an end after its `run.finished`. */
	run?: string;
	/** Aborted when the session is wiped or the reader is gone. */
	signal: AbortSignal;
}

const HEARTBEAT_MS = 15_000;

/** A session's events in the `text/event-stream` format of `docs/api.md`, read as fast as the reader takes them. */
export function eventStream(source: EventSource, options: StreamOptions): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	const seen = new Map<string, number>();
	let cursor = options.after;
	const wanted = (event: { run?: string }) => options.run === undefined || event.run === options.run;

	/** The next piece of the stream; `undefined` when it is over. */
	async function next(): Promise<string | undefined> {
		for (;;) {
			if (options.signal.aborted) return undefined;
			const page = source.after(cursor);
			if (page.length > 0) {
				await source.durable();
				cursor = page.at(-1)?.seq ?? cursor;
				const shown = page.filter(({ event }) => wanted("run" in event ? event : {}));
				if (shown.length > 0) return shown.map(durableFrame).join("");
				continue;
			}
			const ended = options.run !== undefined && source.over(options.run);
			if (!options.follow || ended) return undefined;
			const live = source.live(seen).filter(wanted);
			if (live.length > 0) return live.map(liveFrame).join("");
			if (source.newest() > cursor) continue;
			const before = Date.now();
			await source.changed(HEARTBEAT_MS);
			if (source.newest() <= cursor && Date.now() - before >= HEARTBEAT_MS) return ": still here\n\n";
		}
	}

	return new ReadableStream<Uint8Array>({
		async pull(controller) {
			const piece = await next();
			if (piece === undefined) controller.close();
			else controller.enqueue(encoder.encode(piece));
		},
	});
}

function durableFrame(journaled: Journaled): string {
	const { seq, at, event } = journaled;
	return `id: ${seq}\nevent: ${event.type}\ndata: ${JSON.stringify({ seq, at, event: withoutBeneficiary(event) })}\n\n`;
}

/** An older klaw wrote into the journal of who was preempted for which session, which may be of another namespace. */
function withoutBeneficiary(event: SessionEvent): SessionEvent {
	const isOld = event.type === "lease.recalled" && event.by.startsWith("preemption for ");
	return isOld ? { ...event, by: "system:dispatcher" } : event;
}

function liveFrame(event: LiveEvent): string {
	return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
