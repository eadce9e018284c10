import { describe, expect, it } from "vitest";
import { journalOver, memorySql } from "../../test/fakes/sqlite.ts";
import type { SessionEvent } from "./events.ts";

function message(text: string): SessionEvent {
	return { type: "message.accepted", run: "run-1", key: "k", text, deadlineMs: 1 };
}

describe("the journal", () => {
	it.each([
		["a megabyte of quotes, each of which JSON doubles", '"'.repeat(2 ** 20)],
		["a megabyte of control characters, each of which JSON makes six", "\u0001".repeat(2 ** 20)],
		["a megabyte of emoji, none cut in half", `x${"🦀".repeat(2 ** 18)}`],
		["half a surrogate pair, which no column keeps", "a\ud83eb"],
		["a NUL", "a\0b"],
		["what the shorthand of envelopes could be mistaken for", '\u0001\u0002\u0003{"type":"text","text":"","name":"x","arguments":"{\\"'],
	])("keeps %s, and no row is over the platform's 2 MB", (_, text) => {
		const sql = memorySql();
		const journal = journalOver(sql);
		journal.append(0, 7, [message("before"), message(text), message("after")]);
		const again = [...journalOver(sql).all()];
		expect(again.map(({ seq }) => seq)).toEqual([1, 2, 3]);
		expect(again.map(({ event }) => event)).toEqual([message("before"), message(text), message("after")]);
		const rows = sql
			.exec(
				"SELECT length(CAST(event AS BLOB)) + coalesce(length(CAST(text AS BLOB)), 0) AS n FROM journal UNION ALL SELECT length(CAST(text AS BLOB)) FROM parts",
			)
			.toArray();
		for (const { n } of rows) expect(Number(n)).toBeLessThan(1_000_000);
	});

	it("gives back every kind of event as it was", () => {
		const usage = { input: 7, output: 8, cacheRead: 0, cacheWrite: 0 };
		const call = { type: "tool_call" as const, id: "toolu_1", name: "bash", arguments: '{"command":"ls \\"a\\""}' };
		const events: SessionEvent[] = [
			{
				type: "model.completed",
				run: "run-2",
				step: 1,
				message: { role: "assistant", content: [call] },
				stopReason: "tool_calls",
				usage,
				durationMs: 5,
			},
			{ type: "tools.started", run: "run-2", calls: [{ callId: "a.1.0", name: "bash", giveUpAt: 9, node: "n", incarnation: 1 }] },
			{ type: "tool.completed", run: "run-2", callId: "a.1.0", name: "bash", content: 'say "hi"\n\tthere', isError: false, durationMs: 3 },
			{ type: "run.finished", run: "run-2", phase: "Succeeded", code: "Completed", message: "", result: "done", iterations: 1, usage },
		];
		const sql = memorySql();
		journalOver(sql).append(0, 7, events);
		expect([...journalOver(sql).all()].map(({ event }) => event)).toEqual(events);
	});

	it("costs one row an event", () => {
		const sql = memorySql();
		journalOver(sql).append(0, 7, [message("a"), message("b")]);
		expect(sql.exec("SELECT count(*) AS n FROM journal").toArray()).toEqual([{ n: 2 }]);
		expect(sql.exec("SELECT count(*) AS n FROM parts").toArray()).toEqual([{ n: 0 }]);
	});

	it("stores nothing when it is only read", () => {
		const sql = memorySql();
		expect([...journalOver(sql).all()]).toEqual([]);
		expect(sql.exec("SELECT count(*) AS n FROM sqlite_master").toArray()).toEqual([{ n: 0 }]);
	});
});
