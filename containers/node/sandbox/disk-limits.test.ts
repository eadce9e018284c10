import { describe, expect, it, vi } from "vitest";
import { DiskLimits } from "./disk-limits.ts";

/** A session that may have 100 bytes; time is turned by hand, and looks come one after the other. */
function session(everyMs = 1) {
	const disk = { bytes: 0, quieted: 0, looks: 0, now: 0 };
	const stopped: string[] = [];
	const limits = new DiskLimits(everyMs, () => disk.now);
	const options = {
		use: async () => {
			disk.looks++;
			return disk.bytes;
		},
		limit: async () => 100,
		quiet: async () => void disk.quieted++,
	};
	return { disk, stopped, call: () => limits.watch("/w", options, (why) => stopped.push(why)) };
}

describe("a session that fills the disk", () => {
	it("has its call stopped and everything else killed while it makes it more", async () => {
		const { disk, stopped, call } = session();
		const watch = call();
		disk.bytes = 101;
		await vi.waitUntil(() => disk.quieted > 0);
		expect(stopped).toEqual(["its session uses 101 bytes of the disk, and may use 100 bytes"]);
		watch.leave();
	});

	it("hears of it with every result, and nothing is left running, until it has deleted enough", async () => {
		const { disk, call } = session(10_000);
		disk.bytes = 150;
		expect(await call().end()).toContain("uses 150 bytes of the node's disk, over its limit of 100 bytes");
		expect(disk.quieted).toBe(1);
		disk.bytes = 120;
		expect(await call().end()).toContain("uses 120 bytes");
		disk.bytes = 99;
		expect(await call().end()).toBeUndefined();
		expect(disk.quieted).toBe(2);
	});

	it("may run what deletes, for as long as it takes", async () => {
		const { disk, stopped, call } = session();
		disk.bytes = 200;
		await call().end();
		const deletes = call();
		disk.bytes = 150;
		const { looks } = disk;
		await vi.waitUntil(() => disk.looks > looks + 3);
		expect(stopped).toEqual([]);
		deletes.leave();
	});
});

describe("a session below its limit", () => {
	it("is looked at only so often, however many calls it makes", async () => {
		const { disk, call } = session(10_000);
		for (let index = 0; index < 5; index++) expect(await call().end()).toBeUndefined();
		expect(disk.looks).toBe(1);
		disk.now = 10_000;
		await call().end();
		expect(disk.looks).toBe(2);
	});
});
