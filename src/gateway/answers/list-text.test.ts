import { describe, expect, test } from "vitest";
import type { ListPage } from "../../api/request.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import { listText, streamOf } from "./list-text.ts";

const kind = { group: "klaw.sh", version: "v1", kind: "Thing", plural: "things", columns: [] } as Partial<KindDefinition> as KindDefinition;

const page = (names: string[], more: Partial<ListPage> = {}): ListPage => ({
	type: "list",
	items: names.map((name) => ({
		apiVersion: "klaw.sh/v1",
		kind: "Thing",
		metadata: { name, uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
	})),
	resourceVersion: "7",
	...more,
});

async function* pages(...given: ListPage[]) {
	yield* given;
}

const shape = { include: "Metadata", now: 0 } as const;

describe("a list of several pages is one document", () => {
	test.each([
		["Object", { kind: "ThingList", apiVersion: "klaw.sh/v1" }, "items"],
		["PartialObjectMetadataList", { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" }, "items"],
		["Table", { kind: "Table", apiVersion: "meta.k8s.io/v1" }, "rows"],
	] as const)("as %s, with the metadata of the last page", async (as, head, field) => {
		const rest = pages(page([]), page(["b", "c"]), page([], { resourceVersion: "9", continue: "x", remainingItemCount: 2 }));
		const text = await new Response(streamOf(listText(kind, page(["a"]), rest, { as, ...shape }))).json();
		expect(text).toMatchObject({ ...head, metadata: { resourceVersion: "9", continue: "x", remainingItemCount: 2 } });
		expect(text).toHaveProperty(field);
		expect((text as Record<string, unknown[]>)[field]).toHaveLength(3);
	});
});

test("empty pages at the beginning leave no comma", async () => {
	const text = listText(kind, page([]), pages(page([]), page(["a"])), { as: "Object", ...shape });
	expect(await new Response(streamOf(text)).json()).toMatchObject({ items: [{ metadata: { name: "a" } }] });
});

test("a list that cannot be read to its end fails, and does not seem whole", async () => {
	async function* broken() {
		yield page(["b"]);
		throw new Error("lost");
	}
	const stream = streamOf(listText(kind, page(["a"]), broken(), { as: "Object", ...shape }));
	await expect(new Response(stream).text()).rejects.toThrow("lost");
});

test("nothing is read for a client that has gone", async () => {
	let read = 0;
	async function* endless() {
		for (;;) {
			read++;
			yield page([String(read)]);
		}
	}
	const reader = streamOf(listText(kind, page(["a"]), endless(), { as: "Object", ...shape })).getReader();
	await reader.read();
	await reader.cancel();
	const before = read;
	await new Promise((resolve) => setImmediate(resolve));
	expect(read).toBe(before);
});
