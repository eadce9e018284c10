import { describe, expect, it } from "vitest";
import { difference, matchesBeginning, matchesLine, matchesOutput } from "./expectation.ts";

describe("an expected line", () => {
	it.each([
		["a.b (c)", "a.b (c)"],
		["AGE: {{age}}", "AGE: 5d3h"],
		["x   {{age}}    y", "x       12s   y"],
		["NAME   AGE", "NAME          AGE"],
		["  key: {{uid}}", "  key: d812bfd3-2d22-411e-a0f8-3115e8f3e371"],
		['at: "{{time}}"', 'at: "2026-11-22T11:50:29Z"'],
	])("%j stands for %j", (expected, actual) => {
		expect(matchesLine(expected, actual)).toBe(true);
	});

	it.each([
		["a.b", "axb"],
		["AGE: {{age}}", "AGE: <none>"],
		["  a", "   a"],
		["a  b", "a   b"],
		["a", "a b"],
		["{{hash}}", "0123456789AB"],
	])("%j does not stand for %j", (expected, actual) => {
		expect(matchesLine(expected, actual)).toBe(false);
	});

	it("with a placeholder that nobody knows is an error", () => {
		expect(() => matchesLine("{{agee}}", "5s")).toThrow("There is no placeholder {{agee}}.");
	});
});

describe("expected output", () => {
	it("stands for all of it, and {{...}} for any lines", () => {
		expect(matchesOutput(["a", "b"], ["a", "b"])).toBe(true);
		expect(matchesOutput(["a"], ["a", "b"])).toBe(false);
		expect(matchesOutput(["a", "b"], ["a"])).toBe(false);
		expect(matchesOutput(["a", "{{...}}", "c"], ["a", "b", "b", "c"])).toBe(true);
		expect(matchesOutput(["a", "{{...}}"], ["a"])).toBe(true);
	});

	it("takes up the least of what is still coming", () => {
		expect(matchesBeginning(["a"], ["a", "b"])).toBe(1);
		expect(matchesBeginning(["{{...}}", "b"], ["a", "b", "b"])).toBe(2);
		expect(matchesBeginning(["a", "b"], ["a"])).toBeUndefined();
	});

	it("is shown beside what was printed, line by line", () => {
		expect(difference(["NAME", "a {{age}}", "gone"], ["NAME", "new", "a 5s"])).toBe("  NAME\n+ new\n  a 5s\n- gone");
	});
});
