import { describe, expect, test } from "vitest";
import { type Widget, widgetKind } from "../../test/fakes/kinds.ts";
import { failure } from "./status.ts";
import { type EventOptions, renderEvent, type WatchEvent } from "./watch-event.ts";

const widget: Widget = {
	apiVersion: "example.com/v1",
	kind: "Widget",
	metadata: { name: "a", namespace: "default", uid: "u", resourceVersion: "3", creationTimestamp: "2026-11-22T08:00:00Z" },
	spec: { color: "green" },
	status: {},
};
const partial = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: widget.metadata };
const added: WatchEvent = { type: "ADDED", object: widget };
const bookmark: WatchEvent = { type: "BOOKMARK", resourceVersion: "9", initialEventsEnd: false };

function render(event: WatchEvent, options: Partial<EventOptions> = {}) {
	return renderEvent(widgetKind, event, { as: "Object", includeObject: "Metadata", first: true, now: 0, ...options });
}

describe("a change is told", () => {
	test("as the whole object", () => {
		expect(render(added)).toEqual({ type: "ADDED", object: widget });
	});

	test("as its metadata", () => {
		expect(render({ type: "DELETED", object: widget }, { as: "PartialObjectMetadata" })).toEqual({ type: "DELETED", object: partial });
	});

	test("as a Table of one row with the version of the object", () => {
		expect(render(added, { as: "Table" })).toMatchObject({
			type: "ADDED",
			object: { kind: "Table", metadata: { resourceVersion: "3" }, rows: [{ cells: ["a", "green", 0], object: partial }] },
		});
	});

	test("as a Table with columns in the first event only", () => {
		expect(render(added, { as: "Table" }).object).toHaveProperty("columnDefinitions.length", 3);
		expect(render(added, { as: "Table", first: false }).object).toMatchObject({
			columnDefinitions: [],
			rows: [{ cells: ["a", "green", 0] }],
		});
	});
});

describe("a bookmark says where the watch stands", () => {
	const metadata = { resourceVersion: "9", creationTimestamp: null };

	test("in an otherwise empty object", () => {
		expect(render(bookmark)).toEqual({ type: "BOOKMARK", object: { kind: "Widget", apiVersion: "example.com/v1", metadata } });
		expect(render(bookmark, { as: "PartialObjectMetadata" }).object).toEqual({ ...partial, metadata });
	});

	test("in a Table without asking any column", () => {
		expect(render(bookmark, { as: "Table" }).object).toMatchObject({
			metadata: { resourceVersion: "9" },
			rows: [{ cells: ["", "", ""], object: { ...partial, metadata } }],
		});
	});

	test("and marks the end of what was there first", () => {
		expect(render({ ...bookmark, initialEventsEnd: true }).object).toHaveProperty("metadata.annotations", {
			"k8s.io/initial-events-end": "true",
		});
	});
});

test("an error is a Status whatever was asked for", () => {
	const status = failure("Expired", "too old resource version: 1");
	for (const as of ["Object", "Table", "PartialObjectMetadata"] as const) {
		expect(render({ type: "ERROR", status }, { as })).toEqual({ type: "ERROR", object: status });
	}
	expect(status.code).toBe(410);
});
