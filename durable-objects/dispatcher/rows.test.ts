import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Sql } from "../session/journal.ts";
import { Rows } from "./rows.ts";

function table() {
	const sql = memorySql();
	sql.exec("CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL)");
	const writes: number[] = [];
	const counted: Sql = {
		exec(query, ...values) {
			if (!query.startsWith("SELECT")) writes.push(values.length);
			return sql.exec(query, ...values);
		},
	};
	const rows = new Rows(counted, "things", ["name", "size", "note"]);
	const stored = () =>
		sql
			.exec("SELECT name, size, note FROM things ORDER BY name")
			.toArray()
			.map(({ name, size, note }) => [name, size, note]);
	return { rows, stored, writes };
}

describe("rows of a table", () => {
	it("are written at once", () => {
		const { rows, stored } = table();
		rows.put("a", 1, "first");
		rows.put("b", 2, "second");
		rows.put("a", 3, "third");
		expect(stored()).toEqual([
			["a", 3, "third"],
			["b", 2, "second"],
		]);
		rows.delete("a");
		expect(stored()).toEqual([["b", 2, "second"]]);
	});

	it("that are held are read as if they were written, and are written with one statement", () => {
		const { rows, stored, writes } = table();
		rows.put("old", 0, "there");
		writes.length = 0;
		rows.hold();
		for (const name of ["a", "b", "c"]) rows.put(name, 1, "new");
		rows.delete("old");
		rows.delete("c");
		expect(stored()).toEqual([["old", 0, "there"]]);
		expect([rows.get("a", "note"), rows.get("c", "note"), rows.get("old", "note")]).toEqual(["new", undefined, undefined]);
		rows.write();
		expect(stored().map(([name]) => name)).toEqual(["a", "b"]);
		expect(writes).toHaveLength(2);
		rows.put("d", 2, "at once again");
		expect(stored()).toHaveLength(3);
	});

	it("that are discarded never were", () => {
		const { rows, stored } = table();
		rows.put("a", 1, "first");
		rows.hold();
		rows.put("a", 2, "second");
		rows.put("b", 1, "first");
		rows.discard();
		expect([rows.get("a", "size"), stored()]).toEqual([1, [["a", 1, "first"]]]);
	});

	/** More than 100 values to a statement are refused by Cloudflare. */
	it("are the same however many are written together, and no statement has more than 100 values", () => {
		const change = fc.record({ key: fc.integer({ min: 0, max: 60 }).map(String), size: fc.option(fc.nat(9)) });
		fc.assert(
			fc.property(fc.array(fc.array(change, { maxLength: 80 }), { maxLength: 4 }), (batches) => {
				const [together, oneByOne] = [table(), table()];
				for (const changes of batches) {
					together.rows.hold();
					for (const { key, size } of changes)
						for (const { rows } of [together, oneByOne])
							if (size === null) rows.delete(key);
							else rows.put(key, size, "x");
					together.rows.write();
				}
				expect(together.stored()).toEqual(oneByOne.stored());
				expect(Math.max(0, ...together.writes)).toBeLessThanOrEqual(100);
			}),
			{ numRuns: 50 },
		);
	});
});
