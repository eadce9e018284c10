import { expect, test } from "vitest";
import { eventsEventKind, eventsEventOf } from "../events-event/kind.ts";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { type Event, eventKind } from "./kind.ts";

const fields = {
	involvedObject: { kind: "Agent", name: "coder", namespace: "default", uid: "u-1", apiVersion: "klaw.sh/v1", fieldPath: "spec" },
	reason: "Created",
	message: "Made it.\n",
	type: "Normal",
	source: { component: "klaw", host: "local" },
	firstTimestamp: "2026-11-22T08:01:00Z",
	lastTimestamp: "2026-11-22T08:03:00Z",
	count: 3,
};
const event: Event = admitted(eventKind, fields);

test.each([
	["no object", { involvedObject: undefined }, /^involvedObject FieldValueRequired: /],
	["an unknown type", { type: "Error" }, 'type FieldValueNotSupported: Unsupported value: "Error": supported values: "Normal", "Warning"'],
	[
		"an object elsewhere",
		{ involvedObject: { namespace: "other" } },
		'involvedObject.namespace FieldValueInvalid: Invalid value: "other": does not match event.namespace',
	],
	["a message over 1 KiB", { message: "x".repeat(1025) }, /^message FieldValueTooLong: /],
])("%s is refused", (_, wrong, cause) => {
	const causes = causesIn(eventKind, { ...fields, ...wrong });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("events of objects of the whole cluster are in default", () => {
	expect(causesIn(eventKind, { ...fields, involvedObject: { kind: "Node", name: "n" } })).toEqual([]);
});

test("events are selected by what they are about", () => {
	const read = (field: string) => eventKind.selectableFields?.[field]?.(event);
	expect(
		["kind", "name", "namespace", "uid", "apiVersion", "fieldPath", "resourceVersion"].map((part) => read(`involvedObject.${part}`)),
	).toEqual(["Agent", "coder", "default", "u-1", "klaw.sh/v1", "spec", ""]);
	expect(["reason", "type", "source", "reportingComponent"].map(read)).toEqual(["Created", "Normal", "klaw", ""]);
});

test("columns have an order of their own", () => {
	expect(headings(eventKind)).toBe("LAST SEEN  TYPE  REASON  OBJECT  MESSAGE");
	expect(headings(eventKind, true)).toBe("LAST SEEN  TYPE  REASON  OBJECT  SUBOBJECT  SOURCE  MESSAGE  FIRST SEEN  COUNT  NAME");
	expect(printed(eventKind, event)).toBe("2m  Normal  Created  agent/coder  spec  klaw, local  Made it.  4m  3  x");
});

test("a series counts, and its last time is the event's", () => {
	const series = { count: 9, lastObservedTime: "2026-11-22T08:04:00Z" };
	expect(printed(eventKind, { ...event, series })).toBe("60s  Normal  Created  agent/coder  spec  klaw, local  Made it.  4m  9  x");
	const bare = { ...event, firstTimestamp: undefined, lastTimestamp: undefined, count: undefined, source: undefined };
	expect(printed(eventKind, { ...bare, eventTime: "2026-11-22T08:00:00.000000Z", reportingComponent: "me" })).toBe(
		"5m  Normal  Created  agent/coder  spec  me  Made it.  5m  1  x",
	);
});

test("events.k8s.io says the same in other words, and prints the same", () => {
	const shown = eventsEventOf(event);
	expect(shown).toEqual({
		apiVersion: "events.k8s.io/v1",
		kind: "Event",
		metadata: event.metadata,
		regarding: event.involvedObject,
		note: "Made it.\n",
		reason: "Created",
		type: "Normal",
		reportingController: "klaw",
		reportingInstance: "",
		deprecatedSource: fields.source,
		deprecatedFirstTimestamp: fields.firstTimestamp,
		deprecatedLastTimestamp: fields.lastTimestamp,
		deprecatedCount: 3,
	});
	expect(eventsEventKind.schema.safeParse(shown).success).toBe(true);
	expect(printed(eventsEventKind, shown)).toBe(printed(eventKind, event));
	expect(eventsEventKind.selectableFields?.["regarding.name"]?.(shown)).toBe("coder");
});
