import { expect, it } from "vitest";
import { align, DESCRIBE_PADDING, TABLE_PADDING } from "./tabwriter.ts";

it("a column is as wide as its widest cell, and no narrower than six", () => {
	expect(align("NAME\tAGE\nlonger\t5d\n", TABLE_PADDING)).toBe("NAME     AGE\nlonger   5d\n");
	expect(align("a\tb\n", TABLE_PADDING)).toBe("a     b\n");
});

it("a line without a tab ends the columns above it", () => {
	expect(align("Name:\tx\nSpec:\n  Long Label:\ty\n", DESCRIBE_PADDING)).toBe("Name:  x\nSpec:\n  Long Label:  y\n");
});

it("a line with fewer cells ends only the columns that it does not have", () => {
	expect(align("a\tb\tc\nlong\tx\na\tlonger\tc\n", DESCRIBE_PADDING)).toBe("a     b  c\nlong  x\na     longer  c\n");
});

it("an empty cell at the end leaves the padding of the one before it", () => {
	expect(align("ab\t\nabcd\t\n", DESCRIBE_PADDING)).toBe("ab    \nabcd  \n");
});

it("characters count, not bytes", () => {
	expect(align("é😀\tx\nabc\ty\n", DESCRIBE_PADDING)).toBe("é😀   x\nabc  y\n");
});
