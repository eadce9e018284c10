import { expect, test } from "vitest";
import { warningHeaders } from "./warnings.ts";

test.each([
	['unknown field "spec.modle"', '299 - "unknown field \\"spec.modle\\""'],
	["back\\slash", '299 - "back\\\\slash"'],
	["two\r\nlines", '299 - "two lines"'],
	["ü", '299 - "Ã¼"'],
])("%j is sent as %s", (text, header) => {
	expect(warningHeaders([text])).toEqual([header]);
	expect(() => new Headers({ Warning: header })).not.toThrow();
});

test("each warning is sent once, and not more than a proxy takes", () => {
	expect(warningHeaders(["a", "a", "b"])).toHaveLength(2);
	const many = warningHeaders(Array.from({ length: 1000 }, (_, i) => `warning ${i}`));
	expect(many.join("").length).toBeLessThanOrEqual(4096);
	expect(many.length).toBeGreaterThan(50);
});
