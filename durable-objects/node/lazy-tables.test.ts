import { expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Sql } from "../session/journal.ts";
import { lazyTables } from "./lazy-tables.ts";
import { NodeStorage } from "./node-storage.ts";

const tablesIn = (sql: Sql) =>
	sql
		.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
		.toArray()
		.map(({ name }) => name);

it("a node's object that somebody only knocks at stores nothing", () => {
	const sql = memorySql();
	const storage = new NodeStorage(sql);
	expect([storage.identity(), storage.lastIncarnation(), storage.orders(), storage.waiting()]).toEqual([undefined, 0, [], []]);
	storage.free();
	storage.done("stop:x");
	expect(tablesIn(sql)).toEqual([]);
});

it("the first write makes the tables, and what it wrote is read", () => {
	const sql = memorySql();
	new NodeStorage(sql).wait("default/s");
	expect(tablesIn(sql)).toContain("waiting");
	expect(new NodeStorage(sql).waiting()).toEqual(["default/s"]);
});

it("tables that came later are made where older code made the others", () => {
	const sql = memorySql();
	sql.exec("CREATE TABLE a (x TEXT)");
	sql.exec("INSERT INTO a (x) VALUES ('1')");
	const later = lazyTables(sql, { a: "(x TEXT)", b: "(y TEXT)" });
	expect([later.exec("SELECT * FROM a").toArray(), later.exec("SELECT * FROM b").toArray()]).toEqual([[{ x: "1" }], []]);
});
