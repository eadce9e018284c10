import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { ApiError } from "../status.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const byName = (properties: JsonSchema["properties"] = {}): JsonSchema => ({
	type: "array",
	items: { type: "object", properties: { name: { type: "string" }, ...properties } },
	"x-kubernetes-patch-strategy": "merge",
	"x-kubernetes-patch-merge-key": "name",
});

const schema: JsonSchema = {
	type: "object",
	properties: {
		data: { type: "object", additionalProperties: { type: "string" } },
		secrets: byName({ scopes: { type: "array", items: { type: "string" }, "x-kubernetes-patch-strategy": "merge" }, ports: byName() }),
		rules: { type: "array", items: { type: "object" } },
		source: { type: "object", "x-kubernetes-patch-strategy": "replace" },
	},
};

const patched = (object: unknown, patch: unknown) => applyStrategicMergePatch(object, patch, schema);

describe("objects", () => {
	test("merge field by field, and null deletes", () => {
		expect(patched({ data: { a: "1", b: "2" } }, { data: { b: null, c: "3" } })).toEqual({ data: { a: "1", c: "3" } });
	});

	test("are made without what the patch deletes from them", () => {
		expect(patched({}, { data: { a: "1", b: null } })).toEqual({ data: { a: "1" } });
	});

	test("are replaced by $patch: replace", () => {
		expect(patched({ data: { a: "1" } }, { data: { $patch: "replace", b: "2" } })).toEqual({ data: { b: "2" } });
	});

	test("are emptied by $patch: delete", () => {
		expect(patched({ data: { a: "1" } }, { data: { $patch: "delete" } })).toEqual({ data: {} });
	});

	test("merge under $patch: merge, as they do without", () => {
		expect(patched({ data: { a: "1" } }, { data: { $patch: "merge", b: "2" } })).toEqual({ data: { a: "1", b: "2" } });
	});

	test("are replaced where the schema says so", () => {
		expect(patched({ source: { a: 1 } }, { source: { b: 2 } })).toEqual({ source: { b: 2 } });
	});

	test("keep only the fields that $retainKeys names", () => {
		expect(patched({ data: { a: "1", b: "2" } }, { data: { $retainKeys: ["a", "c"], c: "3" } })).toEqual({ data: { a: "1", c: "3" } });
	});
});

describe("lists", () => {
	test("without a strategy are replaced", () => {
		expect(patched({ rules: [{ verbs: ["get"] }] }, { rules: [{ verbs: ["list"] }] })).toEqual({ rules: [{ verbs: ["list"] }] });
	});

	test("of objects merge by their key", () => {
		expect(patched({ secrets: [{ name: "a", x: 1 }, { name: "b" }] }, { secrets: [{ name: "a", y: 2 }, { name: "c" }] })).toEqual({
			secrets: [{ name: "a", x: 1, y: 2 }, { name: "b" }, { name: "c" }],
		});
	});

	test("lose the items with $patch: delete", () => {
		expect(patched({ secrets: [{ name: "a" }, { name: "b" }] }, { secrets: [{ $patch: "delete", name: "a" }] })).toEqual({
			secrets: [{ name: "b" }],
		});
	});

	test("are replaced by the other items when one says $patch: replace", () => {
		expect(patched({ secrets: [{ name: "a" }] }, { secrets: [{ $patch: "replace" }, { name: "b" }] })).toEqual({
			secrets: [{ name: "b" }],
		});
	});

	test("within items merge as well", () => {
		expect(
			patched(
				{ secrets: [{ name: "a", ports: [{ name: "p", v: 1 }] }] },
				{ secrets: [{ name: "a", ports: [{ name: "p", w: 2 }, { name: "q" }] }] },
			),
		).toEqual({ secrets: [{ name: "a", ports: [{ name: "p", v: 1, w: 2 }, { name: "q" }] }] });
	});

	test("of scalars are sets, from which $deleteFromPrimitiveList takes", () => {
		const object = { metadata: { finalizers: ["a", "b", "c"] } };
		const patch = { metadata: { "$deleteFromPrimitiveList/finalizers": ["b"], finalizers: ["c", "d"] } };
		expect(patched(object, patch)).toEqual({ metadata: { finalizers: ["a", "c", "d"] } });
	});

	test("of owners merge by uid for every kind", () => {
		const object = { metadata: { ownerReferences: [{ uid: "1", name: "a" }] } };
		const patch = {
			metadata: {
				ownerReferences: [
					{ uid: "1", $patch: "delete" },
					{ uid: "2", name: "b" },
				],
			},
		};
		expect(patched(object, patch)).toEqual({ metadata: { ownerReferences: [{ uid: "2", name: "b" }] } });
	});

	test("are put in the order that $setElementOrder says, with the server's own items where they were", () => {
		const object = { secrets: [{ name: "a" }, { name: "server" }, { name: "b" }] };
		const patch = { "$setElementOrder/secrets": [{ name: "new" }, { name: "a" }, { name: "b" }], secrets: [{ name: "new" }] };
		expect(patched(object, patch)).toEqual({ secrets: [{ name: "new" }, { name: "a" }, { name: "server" }, { name: "b" }] });
	});

	test("are only put in order when a patch has nothing else about them", () => {
		expect(patched({ metadata: { finalizers: ["a", "b"] } }, { metadata: { "$setElementOrder/finalizers": ["b", "a"] } })).toEqual({
			metadata: { finalizers: ["b", "a"] },
		});
	});
});

test.each([
	["no object", [], 400, "A strategic merge patch is an object."],
	["an unknown directive", { data: { $patch: "spam" } }, 400, 'Unknown patch type "spam"'],
	["a $retainKeys that lacks a field", { data: { $retainKeys: ["a"], b: "2" } }, 400, 'lacks "b"'],
	["a $deleteFromPrimitiveList that is no list", { metadata: { "$deleteFromPrimitiveList/finalizers": "a" } }, 400, "must be a list"],
	["a scalar among objects", { secrets: [{ name: "b" }, "c"] }, 400, '"c" is none'],
	["an item without its key", { secrets: [{ x: 1 }] }, 422, 'map: {"x":1} does not contain declared merge key: name'],
])("a patch with %s is refused", (_, patch, code, message) => {
	expect(() => patched({ secrets: [{ name: "a" }] }, patch)).toThrow(
		expect.toSatisfy((error: unknown) => error instanceof ApiError && error.status.code === code && error.message.includes(message)),
	);
});

test("neither the object nor the patch is changed", () => {
	const object = { data: { a: "1" }, secrets: [{ name: "a", x: 1 }, { name: "b" }], metadata: { finalizers: ["x"] } };
	const patch = {
		data: { b: "2" },
		secrets: [
			{ name: "a", y: 1 },
			{ name: "b", $patch: "delete" },
		],
		metadata: { "$setElementOrder/finalizers": ["y", "x"], finalizers: ["y"] },
	};
	const before = JSON.stringify([object, patch]);
	patched(object, patch);
	expect(JSON.stringify([object, patch])).toBe(before);
});
