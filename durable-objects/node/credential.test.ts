import { describe, expect, it } from "vitest";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Sql } from "../session/journal.ts";
import { NodeCredential, noCredential } from "./credential.ts";

/** The credential of node `n` over a database that counts what is written, with a clock that is turned by hand. */
function world(first = 0) {
	const database = memorySql();
	const written: string[] = [];
	const sql: Sql = {
		exec(query, ...bindings) {
			if (!query.startsWith("SELECT")) written.push(query);
			return database.exec(query, ...bindings);
		},
	};
	const clock = { now: 1_000_000 };
	let count = first;
	const open = () => new NodeCredential({ sql, name: "n", bytes: (length) => new Uint8Array(length).fill(++count), now: () => clock.now });
	return { credential: open(), open, clock, written, stored: () => JSON.stringify(database.exec("SELECT * FROM credential").toArray()) };
}

function join(credential: NodeCredential, uid: string, owner?: string, shown?: string): string {
	const joined = credential.join(uid, owner, shown);
	if (!joined.ok) throw new Error(joined.status.message);
	return joined.value.credential;
}

const TAKEN =
	'Another machine has joined as node "n" already. Choose another name with --name, or remove that one first, also if it was this machine before it lost its data directory: klaw delete node n';
const NOT_SHOWN =
	'This machine has joined as node "n" already, and did not show the credential that it got then. If it has lost that, delete the node first: klaw delete node n';

describe("the credential of a node", () => {
	it("opens its link, after a restart of the object too, and is kept as a hash", () => {
		const { credential, open, stored } = world();
		const secret = join(credential, "m");
		expect(secret).toMatch(/^klaw-node-[\w-]{43}$/);
		for (const one of [credential, open()]) expect(one.opens(`Bearer ${secret}`)).toBe(true);
		expect(stored()).not.toContain(secret.slice("klaw-node-".length));
	});

	it("is all that opens it", () => {
		const { credential } = world();
		const secret = join(credential, "m");
		const other = join(world(100).credential, "m");
		for (const header of [
			null,
			"",
			"Bearer",
			secret,
			`Basic ${secret}`,
			`Bearer ${secret}x`,
			`Bearer ${secret.slice(0, -1)}`,
			`Bearer ${other}`,
		]) {
			expect([header, credential.opens(header)]).toEqual([header, false]);
		}
	});

	it("is void when the machine joins again, and when the node is deleted", () => {
		const { credential } = world();
		const first = join(credential, "m");
		const second = join(credential, "m", "m", first);
		expect([first, second].map((secret) => credential.opens(`Bearer ${secret}`))).toEqual([false, true]);
		credential.revoke();
		expect([credential.opens(`Bearer ${second}`), credential.uid()]).toEqual([false, undefined]);
		expect(credential.opens(`Bearer ${join(credential, "other")}`)).toBe(true);
	});
});

describe("a name", () => {
	it("is its machine's for as long as the node is there", () => {
		const { credential, clock } = world();
		const secret = join(credential, "m");
		clock.now += 1_000_000_000;
		expect(credential.join("other", "m")).toMatchObject({ ok: false, status: { code: 409, message: TAKEN } });
		expect([credential.opens(`Bearer ${secret}`), credential.uid()]).toEqual([true, "m"]);
	});

	it("of a machine that joined before there were credentials is that machine's", () => {
		const { credential } = world();
		expect(credential.join("other", "old").ok).toBe(false);
		expect(credential.join("old", "old").ok).toBe(true);
	});

	it("is not for whoever knows the uid of its machine, which all can read who read nodes", () => {
		const { credential, clock } = world();
		const secret = join(credential, "m");
		expect(credential.opens(`Bearer ${secret}`)).toBe(true);
		const other = join(world(100).credential, "m");
		for (const later of [0, 1_000_000_000]) {
			clock.now += later;
			for (const shown of [undefined, "", other])
				expect(credential.join("m", "m", shown)).toMatchObject({ ok: false, status: { code: 409, message: NOT_SHOWN } });
			expect(credential.join("other", "m", secret)).toMatchObject({ ok: false, status: { code: 409, message: TAKEN } });
		}
		expect(credential.opens(`Bearer ${secret}`)).toBe(true);
	});

	it("of a machine from before there were credentials is that machine's once, unless the answer was lost", () => {
		const { credential, clock } = world();
		join(credential, "old", "old");
		const second = join(credential, "old", "old");
		expect(credential.opens(`Bearer ${second}`)).toBe(true);
		expect(credential.join("old", "old").ok).toBe(false);
		const unused = world();
		join(unused.credential, "old", "old");
		unused.clock.now += 60_000;
		expect([unused.credential.join("old", "old").ok, clock.now]).toEqual([false, 1_000_000]);
	});

	it("is kept for a machine that has joined and is about to dial in, and free when it never does", () => {
		const { credential, clock } = world();
		const secret = join(credential, "m");
		clock.now += 59_999;
		expect(credential.join("other", undefined).ok).toBe(false);
		clock.now += 1;
		expect(credential.join("other", undefined).ok).toBe(true);
		expect(credential.opens(`Bearer ${secret}`)).toBe(false);
	});
});

it("whoever guesses writes nothing", () => {
	const { credential, written } = world();
	for (let index = 0; index < 1_000; index++) expect(credential.opens(`Bearer klaw-node-${String(index).padStart(43, "0")}`)).toBe(false);
	credential.revoke();
	expect(written).toEqual([]);
});

describe("a credential that does not open the link", () => {
	const bearer = (secret: string) => `Bearer ${secret}`;

	it("is known when it is that of a node that was deleted, also after a restart and when another machine has the name", () => {
		const { credential, open } = world();
		const secret = join(credential, "m");
		expect(credential.wasDeleted(bearer(secret))).toBe(false);
		credential.revoke();
		const next = join(credential, "other");
		for (const one of [credential, open()]) {
			expect([one.opens(bearer(secret)), one.wasDeleted(bearer(secret)), one.wasDeleted(bearer(next))]).toEqual([false, true, false]);
		}
	});

	it("is not said to be a deleted node's when nothing of the kind was given here, and nothing is written for it", () => {
		const elsewhere = join(world(100).credential, "m");
		const { credential, written } = world();
		expect([null, "Bearer x", bearer(elsewhere)].map((shown) => credential.wasDeleted(shown))).toEqual([false, false, false]);
		expect(written).toEqual([]);
		const secret = join(credential, "m");
		join(credential, "m", "m", secret);
		// Void, but its machine has joined anew and is no node that was deleted.
		expect(credential.wasDeleted(bearer(secret))).toBe(false);
	});

	it("is answered with the node's name and that it was deleted, and only then", async () => {
		expect(await noCredential("n", true).json()).toMatchObject({ code: 401, details: { name: "n", causes: [{ reason: "NodeDeleted" }] } });
		expect(await noCredential("n", false).json()).not.toHaveProperty("details");
	});
});
