import { type Json, type Klaw, NAMESPACE } from "./klaw-process.ts";

/** One event of the stream, as it came over the wire. */
export interface Frame {
	/** Place in the journal; absent for a live piece. */
	id?: number;
	event: string;
	data: Json;
}

export interface EventQuery {
	/** Sent as the header `Last-Event-ID`. */
	lastEventId?: number | string;
	follow?: boolean;
	run?: string;
	/** Absent: a stream that is still open after a minute breaks. */
	signal?: AbortSignal;
}

const PATIENCE_MS = 60_000;

/**
 * Reads a session's events over plain HTTP, without anything of the client.
 *
 * @throws Error with the server's sentence when it refuses, or whatever fetch throws when the connection breaks
 */
export async function* sessionEvents(klaw: Klaw, session: string, query: EventQuery = {}): AsyncGenerator<Frame, void, undefined> {
	const search = new URLSearchParams({ follow: String(query.follow ?? false), ...(query.run !== undefined && { run: query.run }) });
	const headers: Record<string, string> = { Authorization: `Bearer ${await klaw.token()}` };
	if (query.lastEventId !== undefined) headers["Last-Event-ID"] = String(query.lastEventId);
	const response = await fetch(`${klaw.url}${NAMESPACE}/sessions/${session}/events?${search}`, {
		headers,
		signal: query.signal ?? AbortSignal.timeout(PATIENCE_MS),
	});
	if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
	let text = "";
	for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
		text += piece;
		const frames = text.split("\n\n");
		text = frames.pop() ?? "";
		for (const frame of frames) if (!frame.startsWith(":")) yield parse(frame);
	}
}

/** The whole journal of a session, as `{seq, at, event}`. */
export async function journal(klaw: Klaw, session: string): Promise<Json[]> {
	const events: Json[] = [];
	for await (const { data } of sessionEvents(klaw, session)) events.push(data);
	return events;
}

function parse(frame: string): Frame {
	const fields = new Map(frame.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
	const id = fields.get("id");
	return { ...(id !== undefined && { id: Number(id) }), event: fields.get("event") ?? "", data: JSON.parse(fields.get("data") ?? "") };
}
