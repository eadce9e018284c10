import { expect, test } from "vitest";
import { MemoryHost } from "../../test/fakes/memory-host.ts";
import { put } from "./decision.ts";

test("what a failed transaction wrote, changed and removed is as it was before, in reads, lists and versions", () => {
	const world = new MemoryHost();
	const [kept, removed] = [world.configMap("kept", { k: "1" }), world.configMap("removed", { k: "1" })];
	const changes = [
		put("configmaps", { ...kept, data: { k: "2" } }),
		put("configmaps", { ...kept, metadata: { ...kept.metadata, name: "new" } }),
		{ type: "remove", plural: "configmaps", name: "removed" } as const,
	];
	const commit = () =>
		world.host.commit(changes, () => {
			throw new Error("the disk is full");
		});
	expect(commit).toThrow("the disk is full");
	expect(world.object({ verb: "get", name: "kept" })).toEqual(kept);
	expect(world.object({ verb: "get", name: "removed" })).toEqual(removed);
	expect(() => world.object({ verb: "get", name: "new" })).toThrow('configmaps "new" not found');
	expect(world.ask({ verb: "list" })).toMatchObject({ items: [kept, removed], resourceVersion: "2" });
	world.object({ verb: "update", name: "kept", body: { ...kept, data: { k: "3" } } });
	expect(world.object({ verb: "get", name: "kept" })).toMatchObject({ data: { k: "3" }, metadata: { resourceVersion: "3" } });
});
