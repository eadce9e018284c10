import { expect, test } from "vitest";
import { RowCache } from "./row-cache.ts";

const row = (name: string, json = "{}") => ({ name, rv: 1, json, long_texts: 0 });

test("a row is known until it is deleted or all are forgotten, to its own kind only", () => {
	const rows = new RowCache();
	rows.set("agents", row("a"));
	rows.set("agents", row("b"));
	expect(rows.get("agents", "a")).toEqual(row("a"));
	expect(rows.get("tasks", "a")).toBeUndefined();
	rows.delete("agents", "a");
	expect(rows.get("agents", "a")).toBeUndefined();
	rows.clear();
	expect(rows.get("agents", "b")).toBeUndefined();
});

test("what was set longest ago is forgotten first, and never what was just set", () => {
	const rows = new RowCache();
	rows.set("agents", row("first"));
	rows.set("agents", row("second"));
	rows.set("agents", row("first", '{"again":true}'));
	for (let i = 0; rows.get("agents", "second") !== undefined; i++) {
		if (i > 100_000) throw new Error("nothing is ever forgotten");
		rows.set("agents", row(`other-${i}`));
		expect(rows.get("agents", `other-${i}`)).toBeDefined();
	}
	expect(rows.get("agents", "first")?.json).toBe('{"again":true}');
});

test("a row that is too long is not kept, and neither is the one that it takes the place of", () => {
	const rows = new RowCache();
	rows.set("agents", row("a"));
	rows.set("agents", row("a", "x".repeat(1_000_000)));
	expect(rows.get("agents", "a")).toBeUndefined();
});
