import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { collect, GRACE_MS } from "./collect.ts";
import { placeOf, workspaceKey } from "./keys.ts";
import { MemoryBlobs } from "./testing/memory-blobs.ts";

const place = placeOf("default", { namespace: "ns", name: "s", uid: "01234567-0000-0000-0000-000000000000" });
const beside = placeOf("default", { namespace: "ns", name: "s", uid: "76543210-0000-0000-0000-000000000000" });

let store: MemoryBlobs;
beforeEach(() => {
	store = new MemoryBlobs();
});

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));

async function putBlob(text: string, where = place): Promise<string> {
	const name = sha256(text);
	await store.put(workspaceKey(where, { kind: "blob", name }), bytesOf(text));
	return name;
}

/** A manifest that names these blobs, which are not put. */
async function putManifest(blobs: string[], salt = 0, where = place): Promise<string> {
	const bytes = new Uint8Array(gzipSync(JSON.stringify({ version: 1, salt, entries: [], blobs })));
	const name = sha256(bytes);
	await store.put(workspaceKey(where, { kind: "manifest", name }), bytes);
	return name;
}

const has = (kind: "blob" | "manifest", name: string) => store.stored.has(workspaceKey(place, { kind, name }));
const run = (keep: string[], limit?: number) => collect({ store, place, keep, now: store.now, limit });

describe("the collection of garbage", () => {
	it("deletes manifests that are not kept and blobs that only they name", async () => {
		const [shared, old, fresh] = [await putBlob("shared"), await putBlob("old"), await putBlob("fresh")];
		const first = await putManifest([shared, old]);
		const second = await putManifest([shared, fresh]);
		store.now += GRACE_MS + 1;
		expect(await run([second])).toMatchObject({ deleted: { length: 2 }, more: false });
		expect([has("manifest", first), has("blob", old)]).toEqual([false, false]);
		expect([has("manifest", second), has("blob", shared), has("blob", fresh)]).toEqual([true, true, true]);
		expect(await run([second])).toEqual({ deleted: [], more: false });
	});

	it("keeps what was put lately, and what a manifest of lately names", async () => {
		const old = await putBlob("old, and in the new checkpoint that nobody has heard of");
		store.now += GRACE_MS + 1;
		const young = await putBlob("young");
		const unheard = await putManifest([old]);
		expect(await run([])).toEqual({ deleted: [], more: false });
		expect([has("blob", old), has("blob", young), has("manifest", unheard)]).toEqual([true, true, true]);
	});

	it("keeps what was old and is put again", async () => {
		const blob = await putBlob("comes back");
		store.now += GRACE_MS + 1;
		await putBlob("comes back");
		await run([]);
		expect(has("blob", blob)).toBe(true);
	});

	it("touches no other workspace", async () => {
		await putBlob("theirs", beside);
		await putManifest([], 0, beside);
		await putBlob("mine");
		store.now += GRACE_MS + 1;
		await run([]);
		expect(store.stored.size).toBe(2);
	});

	it.each([
		["lost", async () => sha256("never put")],
		[
			"damaged",
			async () => {
				const name = await putManifest([]);
				await store.put(workspaceKey(place, { kind: "manifest", name }), bytesOf("not gzip"));
				return name;
			},
		],
	])("deletes nothing when a manifest that is kept is %s", async (_, manifest) => {
		const name = await manifest();
		const blob = await putBlob("perhaps named");
		store.now += GRACE_MS + 1;
		expect(await run([name])).toMatchObject({ deleted: [], problem: expect.stringContaining("is lost or damaged") });
		expect(has("blob", blob)).toBe(true);
	});

	it("stops at its limit, says so, and the next run goes on", async () => {
		for (let index = 0; index < 10; index++) await putBlob(`garbage ${index}`);
		for (let index = 0; index < 5; index++) await putManifest([], index);
		store.now += GRACE_MS + 1;
		const runs: [number, boolean][] = [];
		do {
			const { deleted, more } = await run([], 4);
			runs.push([deleted.length, more]);
		} while (runs.at(-1)?.[1]);
		expect(store.stored.size).toBe(0);
		expect(Math.max(...runs.map(([deleted]) => deleted))).toBe(4);
	});
});

/** What happens to a workspace, one thing after another. */
const happening = fc.oneof(
	// A checkpoint of these files: what the last one has not is put, then its manifest; the session hears of it, or never does.
	fc.record({ type: fc.constant("checkpoint"), files: fc.uniqueArray(fc.nat(7), { maxLength: 6 }), heard: fc.boolean() }),
	// The session goes back to one of those it remembers.
	fc.record({ type: fc.constant("rewind"), to: fc.nat(5) }),
	// The node dies in the middle: blobs without a manifest.
	fc.record({ type: fc.constant("blobs"), files: fc.uniqueArray(fc.nat(7), { maxLength: 3 }) }),
	fc.record({ type: fc.constant("time"), ms: fc.constantFrom(1, GRACE_MS / 2, GRACE_MS + 1) }),
	// Run as far as the store lets it.
	fc.record({
		type: fc.constant("collect"),
		limit: fc.integer({ min: 1, max: 12 }),
		failsAfter: fc.option(fc.nat(20), { nil: undefined }),
	}),
);

it("over any history, every checkpoint that a session may go back to can be had in full, and in the end nothing else is left", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (history) => {
			store = new MemoryBlobs();
			const contents = new Map<string, string[]>();
			let known: string[] = [];
			let salt = 0;
			const intact = () => {
				for (const manifest of known) {
					expect(has("manifest", manifest)).toBe(true);
					for (const blob of contents.get(manifest) ?? []) expect(has("blob", blob)).toBe(true);
				}
			};
			for (const event of history) {
				if ("heard" in event) {
					const before = contents.get(known.at(-1) ?? "") ?? [];
					const blobs: string[] = [];
					for (const file of event.files) {
						const name = sha256(`file ${file}`);
						blobs.push(before.includes(name) ? name : await putBlob(`file ${file}`));
					}
					const manifest = await putManifest(blobs, salt++);
					contents.set(manifest, blobs);
					if (event.heard) known = [...known, manifest].slice(-4);
				} else if ("to" in event) {
					const to = known[event.to % Math.max(1, known.length)];
					if (to !== undefined) known = [...known, to].slice(-4);
				} else if ("files" in event) {
					for (const file of event.files) await putBlob(`file ${file}`);
				} else if ("ms" in event) {
					store.now += event.ms;
				} else {
					let asked = 0;
					store.before = () => {
						if (asked++ === event.failsAfter) throw new Error("The store is down.");
					};
					await run(known, event.limit).catch(() => undefined);
					store.before = () => undefined;
				}
				intact();
			}
			store.now += GRACE_MS + 1;
			while ((await run(known)).more);
			intact();
			const kept = known.flatMap((manifest) => [
				workspaceKey(place, { kind: "manifest", name: manifest }),
				...(contents.get(manifest) ?? []).map((name) => workspaceKey(place, { kind: "blob", name })),
			]);
			expect([...store.stored.keys()].sort()).toEqual([...new Set(kept)].sort());
		}),
		{ numRuns: 300 },
	);
});
