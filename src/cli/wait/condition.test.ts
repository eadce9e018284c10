import { describe, expect, it } from "vitest";
import { parseCondition } from "./condition.ts";

const object = (status: Record<string, unknown>, generation = 2) => ({
	apiVersion: "klaw.sh/v1",
	kind: "Agent",
	metadata: { name: "a", generation },
	status,
});
const ready = { conditions: [{ type: "Ready", status: "True" }] };

describe("a condition of the status", () => {
	it.each([
		["condition=Ready", ready, true],
		["condition=ready=TRUE", ready, true],
		["condition=Ready=False", ready, false],
		["condition=Ready=", ready, false],
		["condition=Other", ready, false],
		["condition=Ready", {}, false],
		["condition=Ready", { ...ready, observedGeneration: 1 }, false],
		["condition=Ready", { ...ready, observedGeneration: 2 }, true],
		["condition=Ready", { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }], observedGeneration: 2 }, false],
	])("%s of %j: %s", (text, status, expected) => {
		expect(parseCondition(text).isMet(object(status))).toBe(expected);
	});
});

describe("a jsonpath", () => {
	it.each([
		["jsonpath={.status.phase}=Ready", true],
		["jsonpath='{.status.phase}'=Ready".replaceAll("'", ""), true],
		['jsonpath={.status.phase}="Ready"', true],
		["jsonpath=.status.phase=Ready", true],
		["jsonpath={.status.phase}=Other", false],
		["jsonpath={.status.phase}", true],
		["jsonpath={.status.nope}", false],
		["jsonpath={.status.count}=3", true],
		['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
	])("%s: %s", (text, expected) => {
		expect(parseCondition(text).isMet(object({ phase: "Ready", count: 3, ...ready }))).toBe(expected);
	});

	it("that leads to no single value is refused", () => {
		expect(() => parseCondition("jsonpath={.status}=x").isMet(object({ a: 1 }))).toThrow("nested object or list which is not supported");
		expect(() => parseCondition("jsonpath={.status.list[*]}=x").isMet(object({ list: [1, 2] }))).toThrow("matches more than one value");
	});
});

it.each([
	["", 'unrecognized condition: ""'],
	["ready", 'unrecognized condition: "ready"'],
	["jsonpath=", "jsonpath expression cannot be empty"],
	["jsonpath={.a}=", "jsonpath wait value cannot be empty"],
])("--for=%s is refused", (text, message) => {
	expect(() => parseCondition(text)).toThrow(message);
});
