import { describe, expect, it } from "vitest";
import { clientCache } from "./client-cache.ts";

const fetch = () => Promise.resolve(new Response());
const options = { baseURL: "http://a", apiKey: "k", fetch };

describe("an SDK client", () => {
	it("is made once for its key, base URL and fetch", async () => {
		const client = clientCache(async (made) => ({ ...made }));
		const first = await client(options);
		expect(await client({ ...options })).toBe(first);
		for (const other of [{ apiKey: "other" }, { baseURL: "http://b" }, { fetch: () => Promise.resolve(new Response()) }]) {
			expect(await client({ ...options, ...other })).not.toBe(first);
		}
	});

	it("is tried again when making it failed", async () => {
		let tries = 0;
		const client = clientCache(async () => {
			if (++tries === 1) throw new Error("the import failed");
			return { tries };
		});
		await expect(client(options)).rejects.toThrow("the import failed");
		expect(await client(options)).toEqual({ tries: 2 });
	});

	it("does not wait for one that never comes to be", async () => {
		let tries = 0;
		const client = clientCache(() => (++tries === 1 ? new Promise<string>(() => {}) : Promise.resolve("made")));
		void client(options);
		expect(await client(options)).toBe("made");
	});

	it("is forgotten rather than let the cache grow without end", async () => {
		let made = 0;
		const client = clientCache(async () => ++made);
		for (let n = 0; n < 65; n++) await client({ ...options, apiKey: `${n}` });
		await client({ ...options, apiKey: "64" });
		expect(made).toBe(65);
		await client({ ...options, apiKey: "0" });
		expect(made).toBe(66);
	});
});
