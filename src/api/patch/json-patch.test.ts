import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../status.ts";
import { applyJsonPatch } from "./json-patch.ts";

/** RFC 6902, appendix A; A.13 (a member twice) cannot be seen after parsing, and A.11 ignores what it does not know. */
const RFC_6902: [name: string, document: unknown, patch: unknown[], result: unknown][] = [
	["A.1 adding an object member", { foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { baz: "qux", foo: "bar" }],
	["A.2 adding an array element", { foo: ["bar", "baz"] }, [{ op: "add", path: "/foo/1", value: "qux" }], { foo: ["bar", "qux", "baz"] }],
	["A.3 removing an object member", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
	["A.4 removing an array element", { foo: ["bar", "qux", "baz"] }, [{ op: "remove", path: "/foo/1" }], { foo: ["bar", "baz"] }],
	["A.5 replacing a value", { baz: "qux", foo: "bar" }, [{ op: "replace", path: "/baz", value: "boo" }], { baz: "boo", foo: "bar" }],
	[
		"A.6 moving a value",
		{ foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
		[{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
		{ foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
	],
	[
		"A.7 moving an array element",
		{ foo: ["all", "grass", "cows", "eat"] },
		[{ op: "move", from: "/foo/1", path: "/foo/3" }],
		{ foo: ["all", "cows", "eat", "grass"] },
	],
	[
		"A.8 testing a value, with success",
		{ baz: "qux", foo: ["a", 2, "c"] },
		[
			{ op: "test", path: "/baz", value: "qux" },
			{ op: "test", path: "/foo/1", value: 2 },
		],
		{ baz: "qux", foo: ["a", 2, "c"] },
	],
	[
		"A.10 adding a nested member object",
		{ foo: "bar" },
		[{ op: "add", path: "/child", value: { grandchild: {} } }],
		{ foo: "bar", child: { grandchild: {} } },
	],
	[
		"A.11 ignoring unrecognized elements",
		{ foo: "bar" },
		[{ op: "add", path: "/baz", value: "qux", xyz: 123 }],
		{ foo: "bar", baz: "qux" },
	],
	["A.14 escape ordering", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
	[
		"A.16 adding an array value",
		{ foo: ["bar"] },
		[{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
		{ foo: ["bar", ["abc", "def"]] },
	],
];

/** Those of appendix A that must fail. */
const RFC_6902_ERRORS: [name: string, document: unknown, operation: object, why: string][] = [
	[
		"A.9 testing a value, with error",
		{ baz: "qux" },
		{ op: "test", path: "/baz", value: "bar" },
		'(test /baz): the value is "qux", not "bar"',
	],
	[
		"A.12 adding to a nonexistent target",
		{ foo: "bar" },
		{ op: "add", path: "/baz/bat", value: "qux" },
		"(add /baz/bat): there is nothing to add /baz/bat to",
	],
	[
		"A.15 comparing strings and numbers",
		{ "/": 9, "~1": 10 },
		{ op: "test", path: "/~01", value: "10" },
		'(test /~01): the value is 10, not "10"',
	],
];

describe("RFC 6902, appendix A", () => {
	test.each(RFC_6902)("%s", (_, document, patch, result) => {
		expect(applyJsonPatch(document, patch)).toEqual(result);
	});

	test.each(RFC_6902_ERRORS)("%s", (_, document, operation, why) => {
		expect(refusal(document, [operation])).toEqual({
			code: 422,
			reason: "Invalid",
			message: `the server rejected our request due to an error in our request: operation 0 ${why}`,
		});
	});
});

test("the whole document can be replaced, tested and copied from, and neither removed nor moved", () => {
	expect(applyJsonPatch({ a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }])).toEqual({ b: 2 });
	expect(applyJsonPatch({ a: 1 }, [{ op: "add", path: "", value: [] }])).toEqual([]);
	expect(applyJsonPatch({ a: 1 }, [{ op: "test", path: "", value: { a: 1 } }])).toEqual({ a: 1 });
	expect(applyJsonPatch({ a: 1 }, [{ op: "copy", from: "", path: "/b" }])).toEqual({ a: 1, b: { a: 1 } });
	expect(refusal({ a: 1 }, [{ op: "remove", path: "" }]).code).toBe(422);
	expect(refusal({ a: 1 }, [{ op: "move", from: "", path: "/b" }]).code).toBe(422);
});

test("a null is a value that can be tested, replaced and removed", () => {
	expect(applyJsonPatch({ a: null }, [{ op: "test", path: "/a", value: null }])).toEqual({ a: null });
	expect(applyJsonPatch({ a: null }, [{ op: "replace", path: "/a", value: 1 }])).toEqual({ a: 1 });
	expect(applyJsonPatch({ a: null }, [{ op: "remove", path: "/a" }])).toEqual({});
	expect(refusal({}, [{ op: "test", path: "/a", value: null }]).message).toContain("there is nothing at /a");
});

test("a move within a list counts its places without the moved item", () => {
	expect(applyJsonPatch([1, 2, 3], [{ op: "move", from: "/0", path: "/2" }])).toEqual([2, 3, 1]);
	expect(refusal([1, 2, 3], [{ op: "move", from: "/0", path: "/3" }]).message).toContain("the list has 2 items");
});

test.each([
	["a field that is missing", { op: "remove", path: "/spec/nope" }, "there is nothing at /spec/nope"],
	["a field that is missing", { op: "replace", path: "/spec/nope", value: 1 }, "there is nothing at /spec/nope"],
	["a source that is missing", { op: "copy", from: "/nope", path: "/a" }, "there is nothing at /nope"],
	["an index beyond the end", { op: "add", path: "/list/3", value: 1 }, 'the list has 2 items, so nothing can be added at "3"'],
	["an index beyond the end", { op: "replace", path: "/list/2", value: 1 }, "there is nothing at /list/2"],
	["an index that is none", { op: "add", path: "/list/1e0", value: 1 }, "nothing can be added at"],
	["an index with a leading zero", { op: "remove", path: "/list/01" }, "there is nothing at /list/01"],
	["the end of a list, where nothing is", { op: "replace", path: "/list/-", value: 1 }, "there is nothing at /list/-"],
	["the end of a list, where nothing is", { op: "remove", path: "/list/-" }, "there is nothing at /list/-"],
	["the length of a list", { op: "remove", path: "/list/length" }, "there is nothing at /list/length"],
	["what every object inherits", { op: "test", path: "/toString", value: {} }, "there is nothing at /toString"],
	["what every object inherits", { op: "remove", path: "/constructor" }, "there is nothing at /constructor"],
	["a character of a text", { op: "add", path: "/spec/model/0", value: "x" }, "there is nothing to add /spec/model/0 to"],
	["the prototype", { op: "add", path: "/__proto__", value: { admin: true } }, 'a JSON patch cannot address "__proto__"'],
	["the prototype", { op: "add", path: "/__proto__/admin", value: true }, "there is nothing to add /__proto__/admin to"],
	["a place within what is moved", { op: "move", from: "/spec", path: "/spec/inner" }, "(move /spec/inner)"],
])("an operation on %s does not apply: %j", (_, operation, why) => {
	const { code, reason, message } = refusal({ spec: { model: "a/b" }, list: ["x", "y"] }, [operation]);
	expect({ code, reason }).toEqual({ code: 422, reason: "Invalid" });
	expect(message).toContain(why);
	expect(Reflect.get({}, "admin")).toBeUndefined();
});

test.each([
	["no list", { op: "add" }, "A JSON patch is a list of operations."],
	["an operation that is no object", ["add"], "Operation 0 is not an object."],
	["an unknown op", [{ op: "spam", path: "/a" }], 'Operation 0 has the op "spam"'],
	["no op", [{ path: "/a" }], "Operation 0 has the op undefined"],
	["no path", [{ op: "remove" }], "Operation 0 (remove) needs a path"],
	["a path that does not begin with a slash", [{ op: "remove", path: "a" }], "Operation 0 (remove) needs a path"],
	["a path with half an escape", [{ op: "remove", path: "/a~" }], "Operation 0 (remove) needs a path"],
	["no value", [{ op: "test", path: "/a" }], "Operation 0 (test /a) has no value."],
	["no from", [{ op: "move", path: "/a" }], "Operation 0 (move) needs a from"],
])("a patch with %s is malformed", (_, patch, why) => {
	const { code, reason, message } = refusal({}, patch);
	expect({ code, reason }).toEqual({ code: 400, reason: "BadRequest" });
	expect(message).toContain(why);
});

test("a patch that copies a value into itself over and over is stopped", () => {
	const patch = Array.from({ length: 100 }, (_, index) => ({ op: "copy", from: "/a", path: `/a/${index}` }));
	const { code, message } = refusal({ a: { text: "x".repeat(1000) } }, patch);
	expect(code).toBe(422);
	expect(message).toContain("the patch copies more than 3145728 characters");
});

test("a patch of more than 10,000 operations is too large", () => {
	const patch = Array.from({ length: 10_001 }, () => ({ op: "test", path: "", value: {} }));
	expect(refusal({}, patch)).toEqual({
		code: 413,
		reason: "RequestEntityTooLarge",
		message: "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
	});
});

const path = fc
	.array(fc.constantFrom("a", "b", "0", "1", "-", "__proto__"), { maxLength: 3 })
	.map((tokens) => tokens.map((token) => `/${token}`).join(""));
const operation = fc.oneof(
	fc.record({ op: fc.constantFrom("add", "replace", "test"), path, value: fc.jsonValue({ maxDepth: 2 }) }),
	fc.record({ op: fc.constant("remove"), path }),
	fc.record({ op: fc.constantFrom("move", "copy"), from: path, path }),
);
const document = fc.oneof(
	fc.dictionary(fc.constantFrom("a", "b"), fc.jsonValue({ maxDepth: 2 })),
	fc.constant({ a: [{ b: 1 }, [2]], b: { a: "x", b: [] } }),
);

test("a patch changes neither the object nor itself, whether it applies or not, and what it makes shares nothing with them", () => {
	fc.assert(
		fc.property(document, fc.array(operation, { maxLength: 6 }), (object, patch) => {
			const before = JSON.stringify([object, patch]);
			try {
				const result = applyJsonPatch(object, patch);
				empty(result);
			} catch (error) {
				expect(error).toBeInstanceOf(ApiError);
			}
			expect(JSON.stringify([object, patch])).toBe(before);
		}),
	);
});

/** Takes everything out of a value. */
function empty(value: unknown): void {
	if (typeof value !== "object" || value === null) return;
	for (const key of Object.keys(value)) {
		empty(Reflect.get(value, key));
		Reflect.deleteProperty(value, key);
	}
}

function refusal(object: unknown, patch: unknown): { code: number; reason?: string; message?: string } {
	try {
		applyJsonPatch(object, patch);
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		const { code, reason, message } = error.status;
		return { code, reason, message };
	}
	throw new Error("the patch applied");
}
