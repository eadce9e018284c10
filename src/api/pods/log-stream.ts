import type { Journaled, LiveEvent } from "../../../durable-objects/session/events.ts";
import type { LogOptions } from "./log-options.ts";
import { type LogLine, LogText, logTime } from "./log-text.ts";

/** A session's events as server-sent events: all there are, and with `follow` all that come. */
export type OpenEvents = (follow: boolean) => Promise<ReadableStream<Uint8Array>>;

/**
 * A session's log, converted as it is read: no more than an event is in memory. To find the last lines the journal is read
 * twice, first to count them. `endsWithRun`: the session was made for one task, and following it ends when that does.
 */
export async function logStream(
	open: OpenEvents,
	options: LogOptions & { endsWithRun?: boolean },
	now: () => number,
): Promise<ReadableStream<Uint8Array>> {
	const { tailLines, since = 0, follow } = options;
	let skip = 0;
	if (tailLines !== undefined) {
		for await (const { at } of logLines(await open(false), now)) if (at >= since) skip += 1;
		skip = Math.max(0, skip - tailLines);
	}
	const lines = logLines(await open(follow), now, follow && options.endsWithRun === true);
	return bytesOf(text(lines, options, skip), options.limitBytes);
}

async function* text(lines: AsyncGenerator<LogLine>, { since = 0, timestamps }: LogOptions, skip: number): AsyncGenerator<string> {
	let left = skip;
	for await (const line of lines) {
		if (line.at < since) continue;
		if (left > 0) left -= 1;
		else yield timestamps ? `${logTime(line.at)} ${line.text}\n` : `${line.text}\n`;
	}
}

async function* logLines(events: ReadableStream<Uint8Array>, now: () => number, endsWithRun = false): AsyncGenerator<LogLine> {
	const log = new LogText();
	for await (const data of dataOf(events)) {
		const event: Journaled | LiveEvent = JSON.parse(data);
		yield* "seq" in event ? log.journaled(event) : log.live(event, now());
		if (endsWithRun && "seq" in event && event.event.type === "run.finished") return;
	}
}

/** The `data` of each event. A session writes each in one line; see `durable-objects/session/event-stream.ts`. */
async function* dataOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
	const reader = stream.getReader();
	const decoder = new TextDecoder();
	let rest = "";
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines) if (line.startsWith("data: ")) yield line.slice("data: ".length);
		}
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}

function bytesOf(text: AsyncGenerator<string>, limit = Number.POSITIVE_INFINITY): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	let left = limit;
	return new ReadableStream<Uint8Array>({
		async pull(controller) {
			const { done, value } = await text.next();
			if (done) return controller.close();
			const bytes = encoder.encode(value).subarray(0, left);
			left -= bytes.byteLength;
			controller.enqueue(bytes);
			if (left > 0) return;
			controller.close();
			await text.return(undefined);
		},
		async cancel() {
			await text.return(undefined);
		},
	});
}
