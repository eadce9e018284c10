import { describe, expect, it } from "vitest";
import { cutMiddle, grouped, head, shorten, tail } from "./text.ts";

describe("head and tail", () => {
	it("never cut through a character", () => {
		expect(head("ab😀cd", 3)).toBe("ab");
		expect(head("ab😀cd", 4)).toBe("ab😀");
		expect(tail("ab😀cd", 3)).toBe("cd");
		expect(tail("ab😀cd", 4)).toBe("😀cd");
	});

	it("leave a text alone that is short enough", () => {
		expect([head("abc", 3), tail("abc", 3), shorten("abc", 3)]).toEqual(["abc", "abc", "abc"]);
	});
});

describe("cutMiddle", () => {
	it("keeps both ends and says how much is missing", () => {
		const cut = cutMiddle(`${"a".repeat(20_000)}${"b".repeat(20_000)}`, (omitted) => `(${grouped(omitted)} left out)`);
		expect(cut).toBe(`${"a".repeat(15_000)}\n(10,000 left out)\n${"b".repeat(15_000)}`);
	});

	it("leaves 30,000 characters whole", () => {
		const text = "x".repeat(30_000);
		expect(cutMiddle(text, () => "never")).toBe(text);
	});
});
