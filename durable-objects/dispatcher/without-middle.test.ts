import { describe, expect, it } from "vitest";
import { withoutMiddle } from "./without-middle.ts";

describe("a long text without its middle", () => {
	it("is as it was when it is short enough", () => {
		expect(withoutMiddle("0123456789", 10)).toBe("0123456789");
	});

	it("has its beginning and twice as much of its end", () => {
		expect(withoutMiddle("0123456789abcdef", 10)).toBe("012…abcdef");
	});

	it("has no half of a character, wherever it is cut", () => {
		for (let shift = 0; shift < 4; shift++) {
			const text = `${"a".repeat(shift)}${"🐳".repeat(100)}`;
			for (let longest = 10; longest < 20; longest++) {
				const short = withoutMiddle(text, longest);
				expect(short.isWellFormed(), short).toBe(true);
				expect(short.length).toBeLessThanOrEqual(longest);
				expect(short).toMatch(/^a*(🐳)*…(🐳)+$/u);
			}
		}
	});
});
