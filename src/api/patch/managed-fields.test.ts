import { describe, expect, test } from "vitest";
import type { ManagedFieldsEntry } from "../../resources/resource.ts";
import { API_VERSION, owned, WIDGET_SCHEMA, type Widget, widget } from "./apply-fixture.ts";
import { trackUpdate } from "./managed-fields.ts";

const HOUR = 3_600_000;

function tracked(
	old: Widget | undefined,
	next: Widget,
	manager: string,
	{ now = 0, subresource }: { now?: number; subresource?: string } = {},
): Widget {
	const managedFields = trackUpdate({
		old,
		next,
		manager,
		schema: WIDGET_SCHEMA,
		apiVersion: API_VERSION,
		now,
		...(subresource && { subresource }),
	});
	return { ...next, metadata: { ...next.metadata, managedFields } };
}

const entries = ({ metadata: { managedFields = [] } }: Widget): ManagedFieldsEntry[] => managedFields;
/** The object as a client sends it that knows nothing of managed fields. */
const sent = (old: Widget, change: Partial<Widget>): Widget => ({
	...old,
	...change,
	metadata: { ...old.metadata, ...change.metadata, managedFields: undefined },
});

describe("who creates an object", () => {
	test("owns every field of it, encoded as Kubernetes does", () => {
		const created = tracked(
			undefined,
			widget(
				{
					model: "a/b",
					limits: { iterations: 5 },
					selector: { disk: "ssd" },
					tools: ["bash", "read"],
					args: ["x"],
					ports: [{ name: "http", port: 80 }],
					source: { url: "u" },
					free: { a: { b: 1 } },
				},
				{ labels: { app: "x" }, finalizers: ["klaw.sh/f"], ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u-2" }] },
			),
			"kubectl-create",
		);
		expect(entries(created)).toEqual([
			{
				manager: "kubectl-create",
				operation: "Update",
				apiVersion: "klaw.sh/v1",
				time: "1970-01-01T00:00:00Z",
				fieldsType: "FieldsV1",
				fieldsV1: {
					"f:metadata": {
						"f:finalizers": { ".": {}, 'v:"klaw.sh/f"': {} },
						"f:labels": { ".": {}, "f:app": {} },
						"f:ownerReferences": { ".": {}, 'k:{"uid":"u-2"}': {} },
					},
					"f:spec": {
						".": {},
						"f:args": {},
						"f:free": { ".": {}, "f:a": { ".": {}, "f:b": {} } },
						"f:limits": { ".": {}, "f:iterations": {} },
						"f:model": {},
						"f:ports": { ".": {}, 'k:{"name":"http","protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} } },
						"f:selector": { ".": {}, "f:disk": {} },
						"f:source": {},
						"f:tools": { ".": {}, 'v:"bash"': {}, 'v:"read"': {} },
					},
				},
			},
		]);
	});

	test("owns nothing of a status, which is written by its own resource", () => {
		expect(owned(entries(tracked(undefined, { ...widget({ size: 1 }), status: { phase: "Idle" } }, "a")))).toEqual({
			"a Update": { "f:spec": { ".": {}, "f:size": {} } },
		});
	});
});

describe("who updates an object", () => {
	const created = tracked(undefined, widget({ model: "a/b", size: 1, tools: ["bash"] }), "creator");

	test("owns what they changed, which the former owner no longer does", () => {
		const updated = tracked(created, sent(created, { spec: { model: "c/d", size: 1, tools: ["bash", "read"] } }), "editor", { now: HOUR });
		expect(owned(entries(updated))).toEqual({
			"creator Update": { "f:spec": { ".": {}, "f:size": {}, "f:tools": { ".": {}, 'v:"bash"': {} } } },
			"editor Update": { "f:spec": { "f:model": {}, "f:tools": { 'v:"read"': {} } } },
		});
		expect(entries(updated).map(({ manager, time }) => `${manager} ${time}`)).toEqual([
			"creator 1970-01-01T00:00:00Z",
			"editor 1970-01-01T01:00:00Z",
		]);
	});

	test("takes from everyone what they removed", () => {
		const updated = tracked(created, sent(created, { spec: { size: 1 } }), "editor");
		expect(owned(entries(updated))).toEqual({ "creator Update": { "f:spec": { ".": {}, "f:size": {} } } });
	});

	test("changes nothing about the owners with a write that changes nothing", () => {
		const updated = tracked(created, sent(created, {}), "editor", { now: HOUR });
		expect(entries(updated)).toBe(entries(created));
	});

	test("keeps the same entry with a new time when they wrote before", () => {
		const updated = tracked(created, sent(created, { spec: { model: "c/d", size: 1, tools: ["bash"] } }), "creator", { now: HOUR });
		expect(owned(entries(updated))).toEqual(owned(entries(created)));
		expect(entries(updated).map(({ time }) => time)).toEqual(["1970-01-01T01:00:00Z"]);
	});

	test("has an entry of their own for a subresource", () => {
		const updated = tracked(created, sent(created, { status: { phase: "Busy" } }), "creator", { subresource: "status" });
		expect(entries(updated)).toHaveLength(2);
		expect(entries(updated)[1]).toMatchObject({
			manager: "creator",
			subresource: "status",
			fieldsV1: { "f:status": { ".": {}, "f:phase": {} } },
		});
	});

	test("does not become an owner by what the server counts", () => {
		const next = sent(created, {});
		const updated = tracked(created, { ...next, metadata: { ...next.metadata, generation: 9, resourceVersion: "99" } }, "editor");
		expect(entries(updated)).toBe(entries(created));
	});
});

describe("a client that sends managedFields", () => {
	const created = tracked(undefined, widget({ size: 1 }), "creator");
	const withManagedFields = (managedFields: unknown, spec = created.spec): Widget =>
		Object.assign(structuredClone(created), { spec, metadata: { ...created.metadata, managedFields } });

	test("resets the owners with [{}], until the next apply", () => {
		const reset = tracked(created, withManagedFields([{}]), "editor");
		expect(entries(reset)).toEqual([]);
		expect(entries(tracked(reset, sent(reset, { spec: { size: 2 } }), "editor"))).toEqual([]);
	});

	test("leaves the owners alone with an empty list", () => {
		expect(entries(tracked(created, withManagedFields([]), "editor"))).toEqual(entries(created));
	});

	test("sets them, as kubectl does when it goes over to server-side apply", () => {
		const [entry] = entries(created);
		const migrated = tracked(created, withManagedFields([{ ...entry, manager: "kubectl", operation: "Apply" }]), "editor");
		expect(owned(entries(migrated))).toEqual({ "kubectl Apply": { "f:spec": { ".": {}, "f:size": {} } } });
	});

	test.each([
		["no list", "x"],
		["an entry of no operation", [{ manager: "x" }]],
		[
			"fields that are none",
			[{ manager: "x", operation: "Update", apiVersion: "v1", time: "t", fieldsType: "FieldsV1", fieldsV1: { constructor: {} } }],
		],
	])("leaves the owners alone when it is %s", (_, managedFields) => {
		expect(entries(tracked(created, withManagedFields(managedFields), "editor"))).toEqual(entries(created));
	});
});

test("the entries of many updaters are put together, the oldest first", () => {
	let object = tracked(undefined, widget({ model: "a/b" }), "creator");
	for (let index = 0; index < 20; index++) {
		object = tracked(
			object,
			sent(object, { spec: { ...object.spec, selector: { ...Object(object.spec?.selector), [`k${index}`]: "v" } } }),
			`m${index}`,
			{
				now: (index + 1) * HOUR,
			},
		);
	}
	expect(entries(object).map(({ manager }) => manager)).toEqual([
		"ancient-changes",
		...Array.from({ length: 9 }, (_, index) => `m${index + 11}`),
	]);
	expect(owned(entries(object))["ancient-changes Update"]).toMatchObject({
		"f:spec": { ".": {}, "f:model": {}, "f:selector": { "f:k0": {}, "f:k10": {} } },
	});
});
