import { setTimeout as sleep } from "node:timers/promises";
import type { Journaled, LiveEvent } from "../../durable-objects/session/events.ts";
import type { ApiClient } from "./api-client.ts";
import { resourcePath } from "./api-resource.ts";
import { ConnectionError, isTransient } from "./errors.ts";
import { EventStreamParser, type ServerSentEvent } from "./event-stream.ts";
import { SESSION } from "./kinds.ts";
import { retryDelay } from "./persist.ts";

/** What comes out of a session: events of its journal, each once and in order, and live pieces in between. */
export type StreamItem = Journaled | LiveEvent;

export function isJournaled(item: StreamItem): item is Journaled {
	return "seq" in item;
}

export interface FollowOptions {
	namespace: string;
	session: string;
	/** Only this run, and an end after its `run.finished`. */
	run?: string | undefined;
	/** Events after this sequence number. */
	after?: number;
	/** Go on with what comes after the journal's end. */
	follow: boolean;
	/** Ends the stream quietly. */
	signal: AbortSignal;
	/** How long to go without the server before giving up, in milliseconds: at the start, and once there was contact. */
	patience: { first: number; later: number };
	/** Told when the connection is lost, and when it is back. */
	onLost?: ((error: Error) => void) | undefined;
	onBack?: (() => void) | undefined;
}

/** The server sends a comment every 15 s; three missing ones mean that nobody is there any more. */
const SILENCE_MS = 45_000;
/** Streams of one run that end with nothing in a row before the run is taken for over. */
const EMPTY_STREAMS = 3;

/**
 * Streams a session, over as many connections as it takes: each goes on after the last event of the one before.
 *
 * @throws ApiError when the server refuses, ConnectionError when it stays away for longer than `patience`.
 */
export async function* follow(client: ApiClient, options: FollowOptions): AsyncGenerator<StreamItem, void, undefined> {
	const { signal } = options;
	let last = options.after ?? 0;
	let patience = options.patience.first;
	let lostAt: number | undefined = Date.now();
	let told = false;
	let failures = 0;
	let empty = 0;
	while (!signal.aborted) {
		let items = 0;
		try {
			for await (const item of connect(client, options, last)) {
				if (told) options.onBack?.();
				told = false;
				failures = 0;
				lostAt = undefined;
				patience = options.patience.later;
				if (item === "contact") continue;
				items += 1;
				if (isJournaled(item)) {
					if (item.seq <= last) continue;
					last = item.seq;
				}
				yield item;
				if (isEndOf(item, options.run)) return;
			}
			if (!options.follow) return;
			empty = items === 0 ? empty + 1 : 0;
			if (options.run !== undefined && empty >= EMPTY_STREAMS) return;
		} catch (error) {
			if (signal.aborted) return;
			if (!(error instanceof Error) || !isTransient(error)) throw error;
			lostAt ??= Date.now();
			if (Date.now() - lostAt >= patience) throw error;
			if (!told) options.onLost?.(error);
			told = true;
		}
		failures += 1;
		await sleep(retryDelay(failures), undefined, { signal }).catch(() => undefined);
	}
}

function isEndOf(item: StreamItem, run: string | undefined): boolean {
	return run !== undefined && isJournaled(item) && item.event.type === "run.finished" && item.event.run === run;
}

/** One connection. `contact` says that the server is there, before it has said anything. */
async function* connect(client: ApiClient, options: FollowOptions, after: number): AsyncGenerator<StreamItem | "contact", void, undefined> {
	const query = new URLSearchParams();
	if (options.follow) query.set("follow", "true");
	if (options.run !== undefined) query.set("run", options.run);
	const path = `${resourcePath(SESSION, options.namespace, options.session)}/events${query.size > 0 ? `?${query}` : ""}`;
	const broken = new AbortController();
	const silence = setTimeout(() => broken.abort(new ConnectionError(`The server ${client.connection.server} fell silent.`)), SILENCE_MS);
	const parser = new EventStreamParser();
	try {
		const headers = { Accept: "text/event-stream", ...(after > 0 && { "Last-Event-ID": String(after) }) };
		for await (const bytes of client.bytes(path, { headers, signal: AbortSignal.any([options.signal, broken.signal]) })) {
			silence.refresh();
			yield "contact";
			for (const event of parser.push(bytes)) yield read(event);
		}
	} finally {
		clearTimeout(silence);
		broken.abort();
	}
}

function read(event: ServerSentEvent): StreamItem {
	try {
		return JSON.parse(event.data) as StreamItem;
	} catch {
		throw new ConnectionError(`The event stream holds something that is not JSON: ${event.data.slice(0, 100)}`);
	}
}
