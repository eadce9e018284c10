import { describe, expect, it } from "vitest";
import type { Journaled, LiveEvent } from "../../../durable-objects/session/events.ts";
import type { LogOptions } from "./log-options.ts";
import { logStream } from "./log-stream.ts";

const PLAIN: LogOptions = { follow: false, previous: false, timestamps: false };

/** A prompt of one line or more, `at` seconds after the epoch. */
function prompt(seq: number, text: string): Journaled {
	return { seq, at: seq * 1000, event: { type: "message.accepted", run: "r", key: "k", text, deadlineMs: 1 } };
}

/** A session's stream in pieces of an awkward size. */
function session(events: readonly (Journaled | LiveEvent)[], pieceBytes = 7) {
	const opened: boolean[] = [];
	let taken = 0;
	let cancelled = false;
	const open = async (follow: boolean) => {
		opened.push(follow);
		const text = events.map((event) => `id: 1\nevent: x\ndata: ${JSON.stringify(event)}\n\n: still here\n\n`).join("");
		const bytes = new TextEncoder().encode(text);
		let at = 0;
		return new ReadableStream<Uint8Array>(
			{
				pull(controller) {
					if (at >= bytes.length) return controller.close();
					controller.enqueue(bytes.subarray(at, at + pieceBytes));
					at += pieceBytes;
					taken += pieceBytes;
				},
				cancel() {
					cancelled = true;
				},
			},
			{ highWaterMark: 0 },
		);
	};
	return { open, opened, taken: () => taken, cancelled: () => cancelled };
}

async function read(events: readonly (Journaled | LiveEvent)[], options: Partial<LogOptions>): Promise<string> {
	return new Response(await logStream(session(events).open, { ...PLAIN, ...options }, () => 99_000)).text();
}

const EVENTS = [prompt(1, "a\nb"), prompt(2, "ü"), prompt(3, "c")];

describe("the stream of a log", () => {
	it.each<[string, Partial<LogOptions>, string]>([
		["everything", {}, "> a\n> b\n> ü\n> c\n"],
		["the last lines", { tailLines: 3 }, "> b\n> ü\n> c\n"],
		["nothing of what was", { tailLines: 0 }, ""],
		["more lines than there are", { tailLines: 100 }, "> a\n> b\n> ü\n> c\n"],
		["what came since", { since: 2_000 }, "> ü\n> c\n"],
		["the last lines since", { since: 2_000, tailLines: 1 }, "> c\n"],
		["times", { since: 3_000, timestamps: true }, "1970-01-01T00:00:03.000000000Z > c\n"],
		["so many bytes", { limitBytes: 6 }, "> a\n> "],
		["a line's bytes exactly", { limitBytes: 4 }, "> a\n"],
	])("has %s", async (_, options, expected) => {
		expect(await read(EVENTS, options)).toBe(expected);
	});

	it("counts without following, and then follows", async () => {
		const live: LiveEvent = { type: "tool.output", run: "r", callId: "c", position: 0, text: "new\n" };
		const { open, opened } = session([...EVENTS]);
		await new Response(await logStream(open, { ...PLAIN, follow: true, tailLines: 1 }, () => 0)).text();
		expect(opened).toEqual([false, true]);
		expect(await read([...EVENTS, live], { follow: true, timestamps: true, since: 90_000 })).toBe("1970-01-01T00:01:39.000000000Z   new\n");
	});

	it("reads no further than its reader, and ends the session's stream with it", async () => {
		const events = Array.from({ length: 1_000 }, (_, index) => prompt(index + 1, "x".repeat(100)));
		const { open, taken, cancelled } = session(events, 500);
		const reader = (await logStream(open, PLAIN, () => 0)).getReader();
		await reader.read();
		expect(taken()).toBeLessThan(5_000);
		await reader.cancel();
		expect(cancelled()).toBe(true);
	});

	it("of a session that was made for a task ends with the task when it is followed, and only then", async () => {
		const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
		const finished: Journaled = {
			seq: 3,
			at: 3_000,
			event: { type: "run.finished", run: "r", phase: "Succeeded", code: "Completed", message: "", result: "done", iterations: 1, usage },
		};
		const events = [prompt(1, "first"), finished, prompt(4, "later")];
		const text = async (options: Partial<LogOptions> & { endsWithRun?: boolean }) =>
			new Response(await logStream(session(events).open, { ...PLAIN, ...options }, () => 0)).text();
		expect(await text({ follow: true, endsWithRun: true })).not.toContain("later");
		expect(await text({ follow: true, endsWithRun: true })).toContain("first");
		expect(await text({ follow: true })).toContain("later");
		expect(await text({ endsWithRun: true })).toContain("later");
	});
});
