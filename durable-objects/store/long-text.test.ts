import { describe, expect, test } from "vitest";
import { LONG_TEXT, putBackLongText, takeOutLongText } from "./long-text.ts";

function roundTrip(value: object): unknown {
	const { json, texts } = takeOutLongText(value);
	const restored: object = JSON.parse(json);
	putBackLongText(restored, texts);
	return restored;
}

const long = "x".repeat(LONG_TEXT + 1);

test("short strings stay where they are", () => {
	const value = { spec: { prompt: "x".repeat(LONG_TEXT) } };
	expect(takeOutLongText(value)).toEqual({ json: JSON.stringify(value), texts: [] });
});

test("a long string leaves an empty one behind and comes back", () => {
	const value = { spec: { prompt: long, model: "a/b" }, status: { phase: "Pending" } };
	expect(JSON.parse(takeOutLongText(value).json)).toEqual({ spec: { prompt: "", model: "a/b" }, status: { phase: "Pending" } });
	expect(roundTrip(value)).toEqual(value);
});

describe("what comes back is what was taken out", () => {
	test.each([
		["keys with dots and slashes", { metadata: { annotations: { "a.b/c": long, "a.b": `${long}2` } } }],
		["items of lists", { list: ["short", long, { inner: long }] }],
		["a string of several pieces", { text: Array.from({ length: 300_000 }, (_, i) => `${i},`).join("") }],
		["pairs of surrogates at the edge of a piece", { text: `x${"😀".repeat(600_000)}` }],
		["NUL and control characters", { text: "\u0000\u0001\n".repeat(20_000) }],
	])("%s", (_, value) => {
		expect(roundTrip(value)).toEqual(value);
	});
});

test("no piece cuts a pair of surrogates", () => {
	for (const { text } of takeOutLongText({ text: `x${"😀".repeat(600_000)}` }).texts) expect(text.isWellFormed()).toBe(true);
});

test("no piece is larger than a row may be", () => {
	for (const { text } of takeOutLongText({ text: "€".repeat(1_500_000) }).texts) {
		expect(new TextEncoder().encode(text).byteLength).toBeLessThan(2_000_000);
	}
});
