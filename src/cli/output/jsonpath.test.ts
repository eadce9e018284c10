import { describe, expect, it } from "vitest";
import { evaluatePath, jsonpath, jsonpathValues, parsePath } from "./jsonpath.ts";

const list = {
	kind: "List",
	items: [
		{
			metadata: { name: "one", labels: { "app.kubernetes.io/name": "first" } },
			status: { phase: "Succeeded", ready: true, steps: 2, nothing: null, conditions: [{ type: "Ready", status: "True" }] },
		},
		{ metadata: { name: "two" }, status: { phase: "Failed", ready: false, steps: 10, usage: { input: 3 } } },
		{ metadata: { name: "three" }, status: { phase: "Succeeded", ready: true, steps: 3 } },
	],
};
const first = list.items[0];

// Every expectation here is what kubectl 1.32 prints.
describe("jsonpath", () => {
	it.each([
		["{.status.phase}", "Succeeded"],
		["{$.status.phase}", "Succeeded"],
		["{@.status.phase}", "Succeeded"],
		["{ .status.phase }", "Succeeded"],
		["{.status.steps}", "2"],
		["{.status.ready}", "true"],
		["{.status.nothing}", "null"],
		["{.status.conditions}", '[{"status":"True","type":"Ready"}]'],
		["{.status.missing.deeper}", ""],
		["{.status.phase.deeper}", ""],
		["{['metadata']['name']}", "one"],
		["{['metadata.name']}", "one"],
		["{.metadata.labels.app\\.kubernetes\\.io/name}", "first"],
		["{.metadata.labels['app\\.kubernetes\\.io/name']}", "first"],
		['phase={.status.phase}{"\\n"}', "phase=Succeeded\n"],
		["{.metadata.name}{'\\t'}{\"{}\"}{'it\\'s'}", "one\t{}it's"],
		['{.status.conditions[?(@.type=="Ready")].status}', "True"],
		['{"\\x41\\u0042"}{5}{1.5}{-3}{true}', "AB51.5-3true"],
		[".status.phase", ".status.phase"],
		["{.kind}}", "}"],
	])("%s of one object is %j", (template, expected) => {
		expect(jsonpath(template, first)).toBe(expected);
	});

	it.each([
		["{.items[*].metadata.name}", "one two three"],
		["{.items.*.metadata.name}", "one two three"],
		["{.items[0].metadata.name}", "one"],
		["{.items[-1].metadata.name}", "three"],
		["{.items[0:2].metadata.name}", "one two"],
		["{.items[::2].metadata.name}", "one three"],
		["{.items[-1:].metadata.name}", "three"],
		["{.items[0,2].metadata.name}", "one three"],
		["{..name}", "one two three"],
		["{.items..type}", "Ready"],
		["{.items[*]['metadata','status']['name','phase']}", "one two three Succeeded Failed Succeeded"],
		['{range .items[*]}{.metadata.name}{"\\n"}{end}', "one\ntwo\nthree\n"],
		["{range .items[*]}{@.metadata.name}/{.status.phase} {end}.", "one/Succeeded two/Failed three/Succeeded ."],
		["{range .items[*]}{.metadata.name}:{range .status.conditions[*]}{.type}{end};{end}", "one:Ready;two:;three:;"],
		["{range .items[*]}{$.metadata.name} {end}", "one two three "],
		['{.items[?(@.status.phase=="Failed")].metadata.name}', "two"],
		["{.items[?(@.status.phase=='Failed')].metadata.name}", "two"],
		['{.items[?(@.status.phase != "Failed")].metadata.name}', "one three"],
		["{.items[?(@.status.steps>2)].metadata.name}", "two three"],
		["{.items[?(@.status.usage)].metadata.name}", "two"],
		["{.items[?(@.status.usage.input==3)].metadata.name}", "two"],
		['{.items[?(@.metadata.labels.app\\.kubernetes\\.io/name=="first")].metadata.name}', "one"],
	])("%s of a list is %j", (template, expected) => {
		expect(jsonpath(template, list)).toBe(expected);
	});

	it.each([
		["{.items[", "error parsing jsonpath {.items[, unterminated array"],
		["{.items", "error parsing jsonpath {.items, unclosed action"],
		["{.items[a]}", "error parsing jsonpath {.items[a]}, invalid array index a"],
		["{'x", "error parsing jsonpath {'x, unterminated quoted string"],
		['{"\\q"}', 'error parsing jsonpath {"\\q"}, unquote string "\\q" error invalid syntax'],
		["{.items[?(@.x}", "error parsing jsonpath {.items[?(@.x}, unterminated filter"],
		["{&}", "unrecognized character in action: U+0026 '&'"],
		["{range .items[*]}x", "a range is not ended with {end}"],
		["x{end}", "not in range, nothing to end"],
		["{kind}", "unrecognized identifier kind"],
		["{.items[9]}", "Error executing template: array index out of bounds: index 9, length 3"],
		["{.items[0:9]}", "array index out of bounds: index 8, length 3"],
		["{.items[2:1]}", "starting index 2 is greater than ending index 1"],
		["{.items[::-1]}", "step must be > 0"],
		["{.kind[0]}", "string is not array or slice"],
		['{.items[?(@.status.steps=="2")]}', "incompatible types for comparison"],
		["{.items[?(@.status.usage==2)]}", "invalid type for comparison"],
		['{.items[?(@..name=="one")]}', "can only compare one element at a time"],
	])("%s is refused in a sentence", (template, message) => {
		const values = { ...list, items: list.items.map((item) => ({ ...item, other: { name: "x" } })) };
		expect(() => jsonpath(template, values)).toThrow(message);
	});

	it("a label with dots is found by its name as it stands, too", () => {
		expect(jsonpath("{.metadata.labels['app.kubernetes.io/name']}", first)).toBe("first");
	});

	it("the values of an expression are given one by one", () => {
		expect(jsonpathValues("{.items[*].status.steps}", list)).toEqual([2, 10, 3]);
	});
});

describe("a path of --sort-by and custom-columns", () => {
	it.each([".status.phase", "status.phase", "{.status.phase}", "{status.phase}"])("may be written %s", (path) => {
		expect(evaluatePath(parsePath(path), first)).toEqual(["Succeeded"]);
	});

	it("finds nothing where it does not fit", () => {
		expect(evaluatePath(parsePath(".items[9].metadata.name"), list)).toEqual([]);
	});

	it.each(["", "{}", "{.a}{.b}"])("%j is refused", (path) => {
		expect(() => parsePath(path)).toThrow("unexpected path string, expected a 'name1.name2'");
	});
});
