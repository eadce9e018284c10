import { describe, expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { SessionEvent } from "./events.ts";
import { Journal } from "./journal.ts";

function message(text: string): SessionEvent {
	return { type: "message.accepted", run: "run-1", key: "k", text, deadlineMs: 1 };
}

describe("the journal", () => {
	it.each([
		["a megabyte of quotes, each of which JSON doubles", '"'.repeat(2 ** 20)],
		["a megabyte of control characters, each of which JSON makes six", "\u0001".repeat(2 ** 20)],
		["a megabyte of emoji, none cut in half", `x${"🦀".repeat(2 ** 18)}`],
	])("keeps %s, and no row is over the platform's 2 MB", (_, text) => {
		const sql = memorySql();
		const journal = new Journal(sql);
		journal.append(0, 7, [message("before"), message(text), message("after")]);
		const again = [...new Journal(sql).all()];
		expect(again.map(({ seq }) => seq)).toEqual([1, 2, 3]);
		expect(again.map(({ event }) => event)).toEqual([message("before"), message(text), message("after")]);
		const rows = sql
			.exec("SELECT length(CAST(event AS BLOB)) AS n FROM journal UNION ALL SELECT length(CAST(text AS BLOB)) FROM parts")
			.toArray();
		for (const { n } of rows) expect(Number(n)).toBeLessThan(1_000_000);
	});

	it("costs one row an event", () => {
		const sql = memorySql();
		new Journal(sql).append(0, 7, [message("a"), message("b")]);
		expect(sql.exec("SELECT count(*) AS n FROM journal").toArray()).toEqual([{ n: 2 }]);
		expect(sql.exec("SELECT count(*) AS n FROM parts").toArray()).toEqual([{ n: 0 }]);
	});

	it("stores nothing when it is only read", () => {
		const sql = memorySql();
		expect([...new Journal(sql).all()]).toEqual([]);
		expect(sql.exec("SELECT count(*) AS n FROM sqlite_master").toArray()).toEqual([{ n: 0 }]);
	});
});
