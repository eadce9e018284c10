import { describe, expect, it } from "vitest";
import { journalOver, memorySql } from "../../test/fakes/sqlite.ts";
import { type EventSource, eventStream, type StreamOptions } from "./event-stream.ts";
import type { SessionEvent } from "./events.ts";
import { Live } from "./live.ts";

const USAGE = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

function finish(run: string): SessionEvent {
	return { type: "run.finished", run, phase: "Succeeded", code: "Completed", message: "", result: "ok", iterations: 1, usage: USAGE };
}

function drive(run: string): SessionEvent {
	return { type: "drive.started", run, fence: 1 };
}

/** A journal that grows under a reader's eyes. */
function session() {
	const journal = journalOver(memorySql());
	const live = new Live();
	let seq = 0;
	let wake: () => void = () => undefined;
	const over = new Set<string>();
	const source: EventSource = {
		after: (from) => journal.after(from),
		newest: () => seq,
		durable: async () => undefined,
		live: (seen) => live.news(seen),
		changed: () => new Promise((resolve) => (wake = resolve)),
		over: (run) => over.has(run),
	};
	return {
		live,
		append(...events: SessionEvent[]) {
			seq = journal.append(seq, 0, events).at(-1)?.seq ?? seq;
			for (const event of events) if (event.type === "run.finished") over.add(event.run);
			wake();
		},
		say(text: string) {
			live.modelText("r1", 1, 1, text);
			wake();
		},
		open(options: Partial<StreamOptions> = {}) {
			const body = eventStream(source, { after: 0, follow: false, signal: new AbortController().signal, ...options });
			return body.pipeThrough(new TextDecoderStream()).getReader();
		},
	};
}

async function readAll(reader: ReadableStreamDefaultReader<string>): Promise<string> {
	let text = "";
	for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
	return text;
}

const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

describe("an event stream", () => {
	it("ends at the journal's end unless it follows", async () => {
		const s = session();
		s.append(drive("r1"), finish("r1"));
		expect(ids(await readAll(s.open()))).toEqual([1, 2]);
	});

	it("starts after the event that the reader saw last", async () => {
		const s = session();
		s.append(drive("r1"), drive("r1"), finish("r1"));
		expect(ids(await readAll(s.open({ after: 2 })))).toEqual([3]);
	});

	it("sends a journal of thousands of events in order and each once", async () => {
		const s = session();
		s.append(...Array.from({ length: 2_345 }, () => drive("r1")));
		expect(ids(await readAll(s.open()))).toEqual(Array.from({ length: 2_345 }, (_, n) => n + 1));
	});

	it("does not name the session for which an older klaw preempted this one", async () => {
		const s = session();
		const told = { type: "lease.recalled" as const, id: "l", reason: "preempted", cause: "Preempted" as const };
		s.append({ ...told, by: "preemption for other/secret-plan" }, { ...told, by: "jane" });
		const text = await readAll(s.open());
		expect(text).not.toContain("secret-plan");
		expect([...text.matchAll(/"by":"([^"]*)"/g)].map(([, by]) => by)).toEqual(["system:dispatcher", "jane"]);
	});

	it("of one run leaves the others out and ends after its end", async () => {
		const s = session();
		s.append(drive("r1"), drive("r2"), finish("r1"), finish("r2"));
		expect(ids(await readAll(s.open({ run: "r1", follow: true })))).toEqual([1, 3]);
	});

	it("follows what comes, live text between the events, and sends no text twice to the same reader", async () => {
		const s = session();
		const reader = s.open({ follow: true });
		s.append(drive("r1"));
		expect(ids((await reader.read()).value ?? "")).toEqual([1]);
		s.say("Hel");
		expect((await reader.read()).value).toContain('"position":0,"text":"Hel"');
		s.say("lo");
		const next = (await reader.read()).value ?? "";
		expect(next).toContain('"position":3,"text":"lo"');
		expect(ids(next)).toEqual([]);
	});

	it("shows a reader who comes late the text under way from its beginning", async () => {
		const s = session();
		s.say("Hello");
		s.say(", world");
		const reader = s.open({ follow: true });
		expect((await reader.read()).value).toContain('"position":0,"text":"Hello, world"');
	});

	it("ends when its session is wiped", async () => {
		const s = session();
		const wiped = new AbortController();
		const reader = s.open({ follow: true, signal: wiped.signal });
		s.append(drive("r1"));
		await reader.read();
		wiped.abort();
		s.say("x");
		expect(await reader.read()).toEqual({ done: true, value: undefined });
	});
});

describe("live output", () => {
	it("drops what was said already and keeps what overlaps only once", () => {
		const live = new Live();
		live.toolOutput("r1", "c1", 0, "abc");
		live.toolOutput("r1", "c1", 0, "abc");
		live.toolOutput("r1", "c1", 2, "cde");
		expect(live.news(new Map())).toEqual([{ type: "tool.output", run: "r1", callId: "c1", position: 0, text: "abcde" }]);
	});

	it("is forgotten when the journal has the whole", () => {
		const live = new Live();
		live.toolOutput("r1", "c1", 0, "abc");
		live.modelText("r1", 1, 1, "x");
		live.endTool("c1");
		live.endModel("r1");
		expect(live.news(new Map())).toEqual([]);
	});
});
