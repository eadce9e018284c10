import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { agentRouteKind } from "./kind.ts";

const rules = [
	{ name: "by name", match: { mention: "lead-scorer" }, agent: "scorer" },
	{ match: { regex: "^deploy\\b", channel: "ops" }, agent: "deployer" },
	{ match: { prefix: "!" }, agent: "scorer" },
];

test("a route may have rules, a model and a default agent", () => {
	expect(admitted(agentRouteKind, { spec: {} }).spec).toEqual({ rules: [], sticky: true });
	const spec = { rules, model: "offline/shell", agent: "default", sticky: false };
	expect(admitted(agentRouteKind, { spec }).spec).toEqual(spec);
});

test.each([
	["a rule without an agent", { rules: [{ match: { mention: "x" } }] }, /^spec\.rules\[0\]\.agent FieldValueRequired: /],
	[
		"a match of nothing",
		{ rules: [{ match: {}, agent: "a" }] },
		/^spec\.rules\[0\]\.match FieldValueInvalid: .*at least one of mention, prefix, regex and channel/,
	],
	[
		"a pattern that is none",
		{ rules: [{ match: { regex: "(" }, agent: "a" }] },
		/^spec\.rules\[0\]\.match\.regex FieldValueInvalid: .*must be a regular expression/,
	],
	[
		"a pattern that is a program",
		{ rules: [{ match: { regex: "x".repeat(1001) }, agent: "a" }] },
		/^spec\.rules\[0\]\.match\.regex FieldValueTooLong: /,
	],
	["a model without a provider", { model: "gpt" }, /^spec\.model FieldValueInvalid: /],
	[
		"an unknown way to match",
		{ rules: [{ match: { mention: "x", glob: "*" }, agent: "a" }] },
		/unknown field "spec\.rules\[0\]\.match\.glob"/,
	],
])("%s is refused", (_, spec, cause) => {
	expect(causesIn(agentRouteKind, { spec })).toEqual([expect.stringMatching(cause)]);
});

test("columns", () => {
	expect(headings(agentRouteKind)).toBe("NAME  AGENTS  RULES  STICKY  AGE");
	expect(printed(agentRouteKind, admitted(agentRouteKind, { spec: { rules, agent: "default" } }))).toBe(
		"x  scorer,deployer,default  3  True  5m",
	);
});
