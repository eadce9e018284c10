import { expect, test } from "vitest";
import { MemoryHost } from "../../test/fakes/memory-host.ts";

/** Versions of one history are one short of two rounds of the ring, and the other is at its seam. */
const RING = 8_192;

function written(count: number): MemoryHost {
	const world = new MemoryHost();
	const { metadata } = world.configMap("a");
	const put = { type: "put" as const, plural: "configmaps", object: { apiVersion: "v1", kind: "ConfigMap", metadata } };
	for (let change = 1; change < count; change++) world.host.store.put(put.plural, put.object);
	world.reopen();
	return world;
}

test("changes across the seam of the ring are all there, in order, also after an eviction", () => {
	const newest = RING + 10;
	const { log } = written(newest).host.store;
	const versions = (from: number, limit: number) => log.after(from, newest, limit, "configmaps")?.map(({ version }) => version);
	expect(versions(RING - 3, 6)).toEqual([RING - 2, RING - 1, RING, RING + 1, RING + 2, RING + 3]);
	expect(versions(newest - 1, 100)).toEqual([newest]);
	expect(versions(10, 1)).toEqual([11]);
	expect(versions(9, 1)).toBeUndefined();
});

test("who looks through a selector begins anew where a change leaves out what the object was before", () => {
	const world = new MemoryHost();
	const text = "x".repeat(70_000);
	const { metadata } = world.configMap("a", { text }, { labels: { on: "1" } });
	world.object({ verb: "patch", name: "a", patch: "merge", body: { metadata: { labels: null } } });
	world.reopen();
	const watch = world.watch({ resourceVersion: metadata.resourceVersion, labelSelector: "on" });
	expect(watch.status).toBe(410);
});
