import { describe, expect, it } from "vitest";
import type { BlobStore } from "../blob-store.ts";

/** What every store does. `store` is asked for once a test; each test has keys of its own. */
export function storeContract(name: string, store: () => BlobStore): void {
	const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));
	const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
	let tests = 0;
	const place = () => `default/team-a/store-contract-${++tests}.0123abcd/`;
	const listed = async (prefix: string) => {
		const keys: string[] = [];
		for await (const key of store().list(prefix)) keys.push(key.slice(prefix.length));
		return keys.sort();
	};

	describe(name, () => {
		it("gives back what was put, byte for byte", async () => {
			const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
			const key = `${place()}blob/aa`;
			await store().put(key, bytes);
			expect(await store().get(key)).toEqual(bytes);
			expect(await store().head(key)).toMatchObject({ bytes: 70_000 });
		});

		it("has nothing under a key that nothing was put under", async () => {
			const prefix = place();
			expect(await store().get(`${prefix}blob/aa`)).toBeUndefined();
			expect(await store().head(`${prefix}blob/aa`)).toBeUndefined();
			expect(await listed(`${prefix}blob/`)).toEqual([]);
		});

		it("keeps nothing as nothing", async () => {
			const key = `${place()}blob/aa`;
			await store().put(key, new Uint8Array());
			expect(await store().get(key)).toEqual(new Uint8Array());
			expect(await store().head(key)).toMatchObject({ bytes: 0 });
		});

		it("stores once what is put again, by several at the same time too", async () => {
			const prefix = place();
			const put = () => store().put(`${prefix}blob/aa`, bytesOf("the same"));
			await Promise.all([put(), put(), put()]);
			await put();
			expect(await listed(`${prefix}blob/`)).toEqual(["aa"]);
			expect(textOf(await store().get(`${prefix}blob/aa`))).toBe("the same");
		});

		it("says when a thing was last put", async () => {
			const key = `${place()}blob/aa`;
			// A clock of whole seconds may be behind.
			const before = Date.now() - 2000;
			await store().put(key, bytesOf("x"));
			const first = (await store().head(key))?.storedAt ?? 0;
			expect(first).toBeGreaterThanOrEqual(before);
			await expect
				.poll(
					async () => {
						await store().put(key, bytesOf("x"));
						return (await store().head(key))?.storedAt;
					},
					{ timeout: 5000 },
				)
				.toBeGreaterThan(first);
		});

		it("lists what is directly below a prefix, and nothing beside it", async () => {
			const prefix = place();
			const keys = ["blob/aa", "blob/bb", "manifest/cc", "blob/deep/dd"];
			for (const key of keys) await store().put(prefix + key, bytesOf(key));
			await store().put(`${prefix.slice(0, -1)}-other/blob/ee`, bytesOf("ee"));
			expect(await listed(`${prefix}blob/`)).toEqual(["aa", "bb"]);
			expect(await listed(`${prefix}manifest/`)).toEqual(["cc"]);
		});

		it("lists more than a page", async () => {
			const prefix = place();
			const names = Array.from({ length: 1100 }, (_, index) => String(index).padStart(4, "0"));
			for (let from = 0; from < names.length; from += 50)
				await Promise.all(names.slice(from, from + 50).map((one) => store().put(`${prefix}blob/${one}`, bytesOf(one))));
			expect(await listed(`${prefix}blob/`)).toEqual(names);
			await store().deleteBelow(prefix);
			expect(await listed(`${prefix}blob/`)).toEqual([]);
		});

		it("deletes what it is told to, and what is gone already does not trouble it", async () => {
			const prefix = place();
			for (const key of ["aa", "bb", "cc"]) await store().put(`${prefix}blob/${key}`, bytesOf(key));
			await store().delete([`${prefix}blob/aa`, `${prefix}blob/never`, `${prefix}blob/cc`]);
			await store().delete([`${prefix}blob/aa`]);
			await store().delete([]);
			expect(await listed(`${prefix}blob/`)).toEqual(["bb"]);
		});

		it("deletes all of a workspace and nothing of one whose name begins with the same", async () => {
			const prefix = place();
			const other = `${prefix.slice(0, -1)}5/`;
			for (const key of [`${prefix}blob/aa`, `${prefix}manifest/bb`, `${other}blob/aa`]) await store().put(key, bytesOf("x"));
			await store().deleteBelow(prefix);
			await store().deleteBelow(prefix);
			expect(await store().head(`${prefix}blob/aa`)).toBeUndefined();
			expect(await store().head(`${prefix}manifest/bb`)).toBeUndefined();
			expect(await store().head(`${other}blob/aa`)).toBeDefined();
		});
	});
}
