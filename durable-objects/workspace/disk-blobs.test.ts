import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DiskBlobs } from "./disk-blobs.ts";
import { DiskService } from "./testing/disk-service.ts";
import { MemoryBlobs } from "./testing/memory-blobs.ts";
import { storeContract } from "./testing/store-contract.ts";

const service = new DiskService();
const disk = new DiskBlobs(service);
beforeAll(() => service.start(), 30_000);
afterAll(() => service.remove());

storeContract("a directory", () => disk);

describe("a directory", () => {
	it("keeps what it was given over a kill -9 of workerd", async () => {
		await disk.put("default/ns/kill.0123abcd/blob/aa", new Uint8Array([1, 2, 3]));
		await service.stop("SIGKILL");
		await service.start();
		expect(await disk.get("default/ns/kill.0123abcd/blob/aa")).toEqual(new Uint8Array([1, 2, 3]));
	});

	it("has a thing whole or not at all when workerd is killed while it is written", async () => {
		const key = "default/ns/cut.0123abcd/blob/aa";
		const bytes = new Uint8Array(5 * 2 ** 20).fill(7);
		for (let round = 0; round < 5; round++) {
			const put = disk.put(key, bytes).catch(() => undefined);
			// Another moment each time.
			await new Promise((resolve) => setTimeout(resolve, round * 5));
			await service.stop("SIGKILL");
			await put;
			await service.start();
			expect([undefined, bytes.byteLength]).toContain((await disk.get(key))?.byteLength);
			await disk.delete([key]);
		}
	});

	it("that cannot be written says so in a sentence, and can be written again when that is mended", async () => {
		// A file where a directory is needed stops root too, whom permissions do not.
		const inTheWay = join(service.root, "default/ns/blocked.0123abcd");
		writeFileSync(inTheWay, "");
		const put = () => disk.put("default/ns/blocked.0123abcd/blob/aa", new Uint8Array(1));
		await expect(put()).rejects.toThrow(
			/^The directory of the workspaces on this machine did not take PUT .*is its disk full, or not writable\?/,
		);
		rmSync(inTheWay);
		await put();
		expect(readdirSync(join(inTheWay, "blob"))).toEqual(["aa"]);
	});
});

storeContract(
	"a store in memory",
	(() => {
		const store = new MemoryBlobs();
		return () => {
			store.now = Date.now();
			return store;
		};
	})(),
);
