import { beforeEach, expect, test } from "vitest";
import type { Sql } from "../store/sql.ts";
import { SIGNS_FOR_MS, SigningKeys } from "./signing-keys.ts";
import { clusterSql } from "./test-sql.ts";

const DAY_MS = 24 * 3_600_000;
let sql: Sql;
let keys: SigningKeys;
beforeEach(() => {
	sql = clusterSql();
	keys = new SigningKeys(sql);
});

const kids = () => keys.publicKeys().map(({ kid }) => kid);

test("there is no key before the first token, and one for many tokens at once", async () => {
	expect(keys.publicKeys()).toEqual([]);
	const made = await Promise.all([keys.current(0), keys.current(0), keys.current(0)]);
	expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
	expect(kids()).toEqual([made[0]?.kid]);
});

test("a key is kept over restarts", async () => {
	const { kid, privateKey } = await keys.current(0);
	expect(await new SigningKeys(sql).current(SIGNS_FOR_MS - 1)).toMatchObject({ kid, privateKey });
});

test("after a month the next key signs, and the old one still verifies until its last token is over", async () => {
	const first = await keys.current(0);
	const second = await keys.current(SIGNS_FOR_MS);
	expect(second.kid).not.toBe(first.kid);
	expect(kids()).toEqual([second.kid, first.kid]);
	for (let day = 60; day <= 120; day += 30) await keys.current(day * DAY_MS);
	expect(kids()).toContain(first.kid);
	await keys.current(150 * DAY_MS);
	expect(kids()).not.toContain(first.kid);
});

test("of a key that no longer signs, no private part is kept, and of none is it public", async () => {
	await keys.current(0);
	await keys.current(SIGNS_FOR_MS);
	expect(sql.exec<{ n: number }>("SELECT count(*) AS n FROM signing_keys WHERE private IS NOT NULL").toArray()).toMatchObject([{ n: 1 }]);
	for (const key of keys.publicKeys()) expect(key).not.toHaveProperty("d");
});
