import { describe, expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Sql } from "../session/journal.ts";
import { JoinTokens, type NewJoinToken } from "./join-tokens.ts";

const HOUR = 3_600_000;

/** Tokens over a database that counts what is written, with a clock that is turned by hand. */
function world() {
	const database = memorySql();
	const written: string[] = [];
	const sql: Sql = {
		exec(query, ...bindings) {
			if (!query.startsWith("SELECT")) written.push(query);
			return database.exec(query, ...bindings);
		},
	};
	const clock = { now: 1_000_000 };
	let count = 0;
	const open = () =>
		new JoinTokens({
			...{ sql, now: () => clock.now, random: () => (count++ % 97) / 97, uid: () => `uid-${count}` },
			bytes: (length) => new Uint8Array(length).fill(++count),
		});
	const stored = () => JSON.stringify(database.exec("SELECT * FROM join_tokens").toArray());
	return { tokens: open(), open, clock, written, stored };
}

function make(tokens: JoinTokens, spec: Partial<NewJoinToken["spec"]> = {}, name?: string): string {
	const created = tokens.create({ ...(name && { name }), generateName: "join-", createdBy: "ana", spec: { ttlSeconds: 3600, ...spec } });
	if (!created.ok) throw new Error(created.status.message);
	return created.value.token;
}

const machine = (uid: string, node = uid) => ({ uid, node });
const refused = (code: number, message: string) => ({ ok: false, status: { code, message: expect.stringContaining(message) } });

describe("a join token", () => {
	it("is good for its machine until it expires, and not a moment longer", () => {
		const { tokens, clock } = world();
		const token = make(tokens);
		clock.now += HOUR - 1;
		expect(tokens.redeem(token, machine("m"))).toMatchObject({ ok: true, value: { createdBy: "ana" } });
		clock.now += 1;
		const expired = refused(401, "The join token expired at 1970-01-01T01:16:40Z. Make a new one: klaw node token create");
		expect(tokens.redeem(token, machine("m"))).toMatchObject(expired);
		// Whoever lists them meanwhile changes nothing about what is said.
		expect(tokens.list()).toEqual([]);
		expect(tokens.redeem(token, machine("m"))).toMatchObject(expired);
	});

	it("is kept as a hash: it is in nothing that is stored or listed", () => {
		const { tokens, stored } = world();
		const token = make(tokens, {}, "a");
		for (const text of [stored(), JSON.stringify(tokens.list()), JSON.stringify(tokens.get("a"))]) {
			expect(text).not.toContain(token.slice("klaw-join-".length));
		}
	});

	it("outlives a restart of the object that keeps it", () => {
		const { tokens, open } = world();
		const token = make(tokens);
		expect(open().redeem(token, machine("m"))).toMatchObject({ ok: true });
	});

	it("lets as many machines join as it says, and each of them as often as it asks", () => {
		const { tokens } = world();
		const token = make(tokens, { uses: 2 });
		const answers = ["a", "a", "b", "a", "b"].map((uid) => tokens.redeem(token, machine(uid)).ok);
		expect(answers).toEqual([true, true, true, true, true]);
		expect(tokens.redeem(token, machine("c"))).toMatchObject(refused(401, "used up: 2 machines have joined with it, as many as may"));
		expect(tokens.list()).toMatchObject([{ machines: ["a", "b"] }]);
	});

	it("without a limit lets any number join, and nothing is written for them", () => {
		const { tokens, written } = world();
		const token = make(tokens);
		const before = written.length;
		for (let index = 0; index < 100; index++) expect(tokens.redeem(token, machine(`m${index}`)).ok).toBe(true);
		expect(written).toHaveLength(before);
	});

	it("for one node is for no other", () => {
		const { tokens } = world();
		const token = make(tokens, { nodeName: "mac" });
		expect(tokens.redeem(token, machine("m", "other"))).toMatchObject(refused(403, 'is for the node "mac", not for "other"'));
		expect(tokens.redeem(token, machine("m", "mac")).ok).toBe(true);
	});

	it("is void as soon as it is deleted, and its name is free again", () => {
		const { tokens } = world();
		const token = make(tokens, {}, "a");
		expect(tokens.create({ name: "a", generateName: "", createdBy: "ana", spec: { ttlSeconds: 1 } })).toMatchObject(
			refused(409, 'nodejointokens.klaw.sh "a" already exists'),
		);
		expect([tokens.delete("a")?.name, tokens.delete("a")]).toEqual(["a", undefined]);
		expect(tokens.redeem(token, machine("m"))).toMatchObject(refused(401, "unknown"));
		expect(make(tokens, {}, "a")).not.toBe(token);
	});
});

it("what has expired is not listed, and its name is free", () => {
	const { tokens, clock } = world();
	make(tokens, { ttlSeconds: 60 }, "a");
	make(tokens, {}, "b");
	clock.now += 60_000;
	expect([tokens.get("a"), tokens.delete("a")]).toEqual([undefined, undefined]);
	expect(tokens.list().map(({ name }) => name)).toEqual(["b"]);
	make(tokens, { ttlSeconds: 60 }, "a");
	expect(tokens.list().map(({ name }) => name)).toEqual(["a", "b"]);
});

it("what expired a day ago is dropped by whoever looks next, and is then as unknown as any other", () => {
	const { tokens, clock, stored } = world();
	const token = make(tokens, {}, "a");
	clock.now += 25 * HOUR;
	expect(stored()).toContain('"a"');
	expect(tokens.redeem("klaw-join-other", machine("m"))).toMatchObject(refused(401, "The join token is unknown here"));
	expect(stored()).not.toContain('"a"');
	expect(tokens.redeem(token, machine("m"))).toMatchObject(refused(401, "The join token is unknown here"));
});

it("whoever guesses writes nothing, not even where there never was a token", () => {
	const { tokens, written } = world();
	for (let index = 0; index < 1_000; index++) expect(tokens.redeem(`klaw-join-${index}`, machine("m")).ok).toBe(false);
	expect([tokens.list(), tokens.get("a"), tokens.delete("a")]).toEqual([[], undefined, undefined]);
	expect(written).toEqual([]);
});
