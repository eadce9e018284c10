import { describe, expect, it } from "vitest";
import { jsonpath } from "./jsonpath.ts";

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

describe("jsonpath", () => {
	it.each([
		["{.status.phase}", "Succeeded"],
		["{$.status.phase}", "Succeeded"],
		["{@.status.phase}", "Succeeded"],
		[".status.phase", "Succeeded"],
		["status.phase", "Succeeded"],
		["{ .status.phase }", "Succeeded"],
		["{.status.steps}", "2"],
		["{.status.ready}", "true"],
		["{.status.conditions}", '[{"type":"Ready","status":"True"}]'],
		["{.status.missing.deeper}", ""],
		["{['metadata']['name']}", "one"],
		['{["metadata"].name}', "one"],
		["{.metadata.labels.app\\.kubernetes\\.io/name}", "first"],
		["{.metadata.labels['app\\.kubernetes\\.io/name']}", "first"],
		["{.metadata.labels['app.kubernetes.io/name']}", "first"],
		['phase={.status.phase}{"\\n"}', "phase=Succeeded\n"],
		["{.metadata.name}{'\\t'}{\"{}\"}{'it\\'s \"x\"'}", 'one\t{}it\'s "x"'],
		['{.status.conditions[?(@.type=="Ready")].status}', "True"],
	])("%s of one object is %j", (template, expected) => {
		expect(jsonpath(template, first)).toBe(expected);
	});

	it.each([
		["{.items[*].metadata.name}", "one two three"],
		["{.items[0].metadata.name}", "one"],
		["{.items[-1].metadata.name}", "three"],
		["{.items[0:2].metadata.name}", "one two"],
		["{.items[0,2].metadata.name}", "one three"],
		["{..name}", "one two three"],
		["{.items[*]['metadata','status']['name','phase']}", "one Succeeded two Failed three Succeeded"],
		['{range .items[*]}{.metadata.name}{"\\n"}{end}', "one\ntwo\nthree\n"],
		["{range .items[*]}{@.metadata.name}/{.status.phase} {end}.", "one/Succeeded two/Failed three/Succeeded ."],
		["{range .items[*]}{.metadata.name}:{range .status.conditions[*]}{.type}{end};{end}", "one:Ready;two:;three:;"],
		["{range .items[*]}{$.kind} {end}", "List List List "],
		['{.items[?(@.status.phase=="Failed")].metadata.name}', "two"],
		["{.items[?(@.status.phase=='Failed')].metadata.name}", "two"],
		['{.items[?(@.status.phase != "Failed")].metadata.name}', "one three"],
		["{.items[?(@.status.steps>2)].metadata.name}", "two three"],
		["{.items[?(@.status.steps>=3 && @.status.ready==true)].metadata.name}", "three"],
		["{.items[?(@.status.usage)].metadata.name}", "two"],
		['{.items[?(@.metadata.labels.app\\.kubernetes\\.io/name=="first")].metadata.name}', "one"],
		["{.items[9].metadata.name}", ""],
	])("%s of a list is %j", (template, expected) => {
		expect(jsonpath(template, list)).toBe(expected);
	});

	it.each([
		["{.items[}", "cannot be read"],
		["{.items", "a brace that is not closed"],
		["{range .items[*]}x", "a {range} without an {end}"],
		["x{end}", "an {end} without a {range}"],
	])("%s is refused in a sentence", (template, message) => {
		expect(() => jsonpath(template, list)).toThrow(message);
	});
});
