import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { BLOB_LIMIT_BYTES, BLOBS_UNDER_WAY, type BlobHeader, decodeBlob, encodeBlob } from "../../containers/node/checkpoint/protocol.ts";
import type { ToNode } from "../../containers/node/protocol.ts";
import { MemoryBlobs } from "../workspace/testing/memory-blobs.ts";
import { WorkspaceBlobs } from "./workspace-blobs.ts";

type Sent = ToNode | { type: "blob"; id: string; text: string };

let store: MemoryBlobs;
let sent: Sent[];
let incarnation: number;
let blobs: WorkspaceBlobs;
let ids = 0;

beforeEach(() => {
	store = new MemoryBlobs();
	sent = [];
	incarnation = 3;
	blobs = open(new DatabaseSync(":memory:"));
	blobs.allow("team-a/one", "team-a.one.11111111", 3);
});

function open(database: DatabaseSync, keeps: MemoryBlobs | undefined = store): WorkspaceBlobs {
	return new WorkspaceBlobs({
		sql: {
			exec(query, ...bindings) {
				const rows = database.prepare(query).all(...bindings);
				return { toArray: () => rows };
			},
		},
		cluster: "default",
		store: keeps,
		incarnation: () => incarnation,
		send(frame) {
			if (!(frame instanceof Uint8Array)) return sent.push(frame) > 0;
			const { header, bytes } = decodeBlob(frame) ?? {};
			return sent.push({ type: "blob", id: header?.id ?? "", text: new TextDecoder().decode(bytes) }) > 0;
		},
	});
}

it("nothing is written for a machine that was given no session", async () => {
	const database = new DatabaseSync(":memory:");
	const by = open(database);
	by.forget("team-a.one.11111111");
	expect(await put("x", {}, by)).toMatchObject({ type: "blob-failed", final: true });
	expect(database.prepare("SELECT name FROM sqlite_master").all()).toEqual([]);
});

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const header = (more: Partial<BlobHeader> & { name: string }): BlobHeader => ({
	...{ v: 1, type: "blob-put", id: `b${++ids}`, incarnation: 3, session: "team-a/one", workspace: "team-a.one.11111111", kind: "blob" },
	...more,
});

async function put(text: string | Uint8Array, more: Partial<BlobHeader> = {}, by = blobs) {
	const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
	await by.put(encodeBlob(header({ name: hash(bytes), ...more }), bytes));
	return sent.at(-1);
}

async function get(text: string, more: Partial<BlobHeader> = {}, by = blobs) {
	await by.get({ ...header({ name: hash(new TextEncoder().encode(text)), ...more }), type: "blob-get" });
	return sent.at(-1);
}

const refusal = (message: RegExp, final = true) => ({ type: "blob-failed", message: expect.stringMatching(message), final });

describe("a machine that was given a session", () => {
	it("has what it puts of the session's workspace kept, and gets it back", async () => {
		expect(await put("hello", { id: "p" })).toEqual({ v: 1, type: "blob-stored", id: "p", incarnation: 3 });
		expect(await get("hello", { id: "g" })).toEqual({ type: "blob", id: "g", text: "hello" });
		expect([...store.stored.keys()]).toEqual([`default/team-a/one.11111111/blob/${hash(new TextEncoder().encode("hello"))}`]);
	});

	it("is answered again when it puts something again, and it is stored once", async () => {
		await put("hello");
		expect(await put("hello")).toMatchObject({ type: "blob-stored" });
		expect(store.stored.size).toBe(1);
	});

	it("is still known when the object's memory is gone", async () => {
		const database = new DatabaseSync(":memory:");
		open(database).allow("team-a/one", "team-a.one.11111111", 3);
		expect(await put("hello", {}, open(database))).toMatchObject({ type: "blob-stored" });
	});

	it("is told when the store has no such thing, and that asking again is of no use", async () => {
		expect(await get("hello")).toEqual(expect.objectContaining(refusal(/^The store has no blob [0-9a-f]{64} of the workspace/)));
	});

	it("may try again when the store fails", async () => {
		store.before = () => {
			throw new Error("The bucket of the workspaces (R2) could not write: internal error");
		};
		expect(await put("hello")).toMatchObject(refusal(/^The bucket of the workspaces/, false));
		expect(await get("hello")).toMatchObject(refusal(/^The bucket of the workspaces/, false));
		store.before = () => undefined;
		expect(await put("hello")).toMatchObject({ type: "blob-stored" });
	});

	it("is refused bytes that are not what they are called", async () => {
		expect(await put("hello", { name: "0".repeat(64) })).toMatchObject(refusal(/came as 0{64} have the SHA-256 2cf24dba/));
		expect(store.stored.size).toBe(0);
	});

	it("is refused what was damaged in the store", async () => {
		await put("hello");
		for (const [key] of store.stored) await store.put(key, new Uint8Array([1]));
		expect(await get("hello")).toMatchObject(refusal(/was damaged in the store/));
	});

	it("is refused a thing that is too large, and not one that just fits", async () => {
		const most = new Uint8Array(BLOB_LIMIT_BYTES);
		expect(await put(most)).toMatchObject({ type: "blob-stored" });
		expect(await put(new Uint8Array(BLOB_LIMIT_BYTES + 1))).toMatchObject(refusal(/at most 5242880 bytes, and this has 5242881/));
	});

	it("may have so many things under way and no more, and more again when one is done", async () => {
		const stuck = Promise.withResolvers<void>();
		const slow = Object.assign(new MemoryBlobs(), { put: () => stuck.promise });
		const busy = open(new DatabaseSync(":memory:"), slow);
		busy.allow("team-a/one", "team-a.one.11111111", 3);
		const under = Array.from({ length: BLOBS_UNDER_WAY }, (_, index) => put(`${index}`, {}, busy));
		expect(await put("one more", {}, busy)).toMatchObject(refusal(/Wait for an answer to one/, false));
		stuck.resolve();
		await Promise.all(under);
		expect(await put("one more", {}, busy)).toMatchObject({ type: "blob-stored" });
	});
});

it("a store that gives no answer is given up after a while, and others may be asked again", async () => {
	vi.useFakeTimers();
	try {
		const silent = Object.assign(new MemoryBlobs(), { get: () => new Promise<never>(() => undefined) });
		const waiting = open(new DatabaseSync(":memory:"), silent);
		waiting.allow("team-a/one", "team-a.one.11111111", 3);
		const asked = Array.from({ length: BLOBS_UNDER_WAY }, () => get("hello", {}, waiting));
		await vi.advanceTimersByTimeAsync(60_000);
		for (const answer of await Promise.all(asked)) expect(answer).toMatchObject(refusal(/gave no answer within 60 s/, false));
		vi.useRealTimers();
		expect(await put("hello", {}, waiting)).toMatchObject({ type: "blob-stored" });
	} finally {
		vi.useRealTimers();
	}
});

describe("a machine is refused", () => {
	const theirs = { session: "team-b/two", workspace: "team-b.two.22222222" };

	it.each<[string, Partial<BlobHeader>]>([
		["the workspace of a session that it was not given", theirs],
		["that workspace under the name of its own session", { workspace: theirs.workspace }],
		["its own workspace under the name of another session", { session: theirs.session }],
		["a way out of its workspace", { workspace: "team-a.one.11111111/../../../team-b/two.22222222" }],
		["anything as an older incarnation", { incarnation: 2 }],
		["anything as an incarnation to come", { incarnation: 4 }],
	])("%s", async (_, more) => {
		const secret = new Uint8Array(new TextEncoder().encode("secret"));
		await store.put(`default/team-b/two.22222222/blob/${hash(secret)}`, secret);
		expect(await get("secret", more)).toMatchObject(refusal(/is not of a session that this machine was given/));
		expect(await put("mine now", more)).toMatchObject(refusal(/is not of a session that this machine was given/));
		expect(store.stored.size).toBe(1);
	});

	it("a session that its predecessor under the same name was given", async () => {
		await put("hello");
		incarnation = 4;
		expect(await get("hello", { incarnation: 4 })).toMatchObject(refusal(/is not of a session/));
		blobs.allow("team-a/one", "team-a.one.11111111", 4);
		expect(await get("hello", { incarnation: 4 })).toMatchObject({ type: "blob" });
	});

	it("the workspace of a deleted session, and what was on its way then is not kept", async () => {
		const arrived = Promise.withResolvers<void>();
		const write = store.put.bind(store);
		store.put = async (...args) => {
			await arrived.promise;
			await write(...args);
		};
		const late = put("late");
		blobs.forget("team-a.one.11111111");
		arrived.resolve();
		await late;
		expect(store.stored.size).toBe(0);
		expect(await put("later")).toMatchObject(refusal(/is not of a session/));
	});

	it("everything where there is no store", async () => {
		const nowhere = new WorkspaceBlobs({
			sql: { exec: () => ({ toArray: () => [{}] }) },
			cluster: "default",
			store: undefined,
			incarnation: () => 3,
			send: (frame) => (frame instanceof Uint8Array ? false : sent.push(frame) > 0),
		});
		expect(await put("hello", {}, nowhere)).toMatchObject(refusal(/keeps no workspaces/));
	});
});

it("a binary frame that is none of these is passed over", async () => {
	await blobs.put(new Uint8Array([2, 0, 0]));
	await blobs.put(encodeBlob({ ...header({ name: "0".repeat(64) }), type: "blob" }, new Uint8Array()));
	expect(sent).toEqual([]);
});
