import { describe, expect, test } from "vitest";
import { namespaceKind, type Widget, widgetKind } from "../../test/fakes/kinds.ts";
import type { KindDefinition } from "../resources/kind.ts";
import { toList, toPartialList } from "./partial-object.ts";
import { toTable } from "./table.ts";

const widget: Widget = {
	apiVersion: "example.com/v1",
	kind: "Widget",
	metadata: { name: "a", namespace: "default", uid: "u", resourceVersion: "3", generation: 1, creationTimestamp: "2026-11-22T08:00:00Z" },
	spec: { color: "green" },
	status: {},
};
const options = { resourceVersion: "7", now: 0 };

test("a Table names its columns and carries the metadata of each row", () => {
	const table = toTable(widgetKind, [widget], options);
	expect(table).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion: "7" } });
	expect(table.columnDefinitions).toEqual([
		{ name: "Name", type: "string", format: "name", description: expect.any(String), priority: 0 },
		{ name: "Color", type: "string", format: "", description: "What it looks like", priority: 0 },
		{ name: "Size", type: "integer", format: "", description: "Millimetres", priority: 1 },
	]);
	expect(table.rows).toEqual([
		{ cells: ["a", "green", 0], object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: widget.metadata } },
	]);
});

test("a row carries the whole object or none when that is asked for", () => {
	expect(toTable(widgetKind, [widget], { ...options, include: "Object" }).rows[0]?.object).toBe(widget);
	expect(toTable(widgetKind, [widget], { ...options, include: "None" }).rows[0]).not.toHaveProperty("object");
});

test("an empty Table still has its columns", () => {
	expect(toTable(widgetKind, [], options)).toMatchObject({ rows: [], columnDefinitions: { length: 3 } });
});

test("a kind may put the name elsewhere than first", () => {
	const kind: KindDefinition = {
		...namespaceKind,
		columns: [
			{ name: "Message", type: "string", description: "m", cell: () => "hello" },
			{ name: "Name", type: "string", format: "name", description: "n", priority: 1, cell: ({ metadata }) => metadata.name },
		],
	};
	const table = toTable(kind, [widget], options);
	expect(table.columnDefinitions.map(({ name }) => name)).toEqual(["Message", "Name"]);
	expect(table.rows[0]?.cells).toEqual(["hello", "a"]);
});

describe("a page says how the list goes on", () => {
	const page = { resourceVersion: "7", continue: "token", remainingItemCount: 3 };

	test("as a Table", () => {
		expect(toTable(widgetKind, [widget], { ...page, now: 0 }).metadata).toEqual(page);
	});

	test("as whole objects", () => {
		expect(toList(widgetKind, [widget], page)).toEqual({
			kind: "WidgetList",
			apiVersion: "example.com/v1",
			metadata: page,
			items: [widget],
		});
	});

	test("as metadata", () => {
		expect(toPartialList([widget], page)).toEqual({
			kind: "PartialObjectMetadataList",
			apiVersion: "meta.k8s.io/v1",
			metadata: page,
			items: [{ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: widget.metadata }],
		});
	});

	test("and the last page says nothing of it", () => {
		expect(toTable(widgetKind, [], options).metadata).toEqual({ resourceVersion: "7" });
		expect(toList(widgetKind, [], { resourceVersion: "7" }).metadata).toEqual({ resourceVersion: "7" });
	});
});
