import { expect, test } from "vitest";
import { age, humanDuration } from "./age.ts";

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

// The cases of apimachinery's duration_test.go.
test.each([
	[-3 * S, "<invalid>"],
	[-S, "0s"],
	[0, "0s"],
	[S, "1s"],
	[70 * S, "70s"],
	[190 * S, "3m10s"],
	[2 * M, "2m"],
	[10 * M + 10 * S, "10m"],
	[179 * M, "179m"],
	[3 * H + 6 * M, "3h6m"],
	[6 * H, "6h"],
	[8 * H + 30 * M, "8h"],
	[47 * H, "47h"],
	[2 * D, "2d"],
	[5 * D + 3 * H, "5d3h"],
	[8 * D + 10 * H, "8d"],
	[729 * D, "729d"],
	[2 * 365 * D + 2 * D, "2y2d"],
	[3 * 365 * D, "3y"],
	[9 * 365 * D + 100 * D, "9y"],
])("%i ms is %s", (ms, text) => {
	expect(humanDuration(ms)).toBe(text);
});

test("an age counts from a time to now", () => {
	expect(age("2026-11-22T08:00:00Z", Date.UTC(2026, 10, 22, 8, 5))).toBe("5m");
	expect(age(undefined, 0)).toBe("<unknown>");
	expect(age("yesterday", 0)).toBe("<unknown>");
});
