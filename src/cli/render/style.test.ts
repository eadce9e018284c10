import { expect, it } from "vitest";
import { ANSI, PLAIN, printable, styleFor } from "./style.ts";

it.each([
	["plain text, tabs and newlines", "a\tb\nc é 日本 🎉", "a\tb\nc é 日本 🎉"],
	["colours", "\x1b[31mred\x1b[0m", "red"],
	["cursor movements and screen clears", "a\x1b[2J\x1b[1;1Hb", "ab"],
	["titles and links", "\x1b]0;title\x07x\x1b]8;;http://x\x07link\x1b]8;;\x07", "xlink"],
	["lone escapes, backspaces and C1 controls", "a\x1bb\x08c\x9b31md", /^a.*c/],
	["carriage returns", "10%\r20%\r\ndone", "10%\n20%\ndone"],
])("printable keeps or drops %s", (_, text, expected) => {
	if (typeof expected === "string") expect(printable(text)).toBe(expected);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be gone.
	expect(printable(text)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
});

it.each([
	[{ isTTY: true }, {}, ANSI],
	[{ isTTY: false }, {}, PLAIN],
	[{ isTTY: true }, { NO_COLOR: "1" }, PLAIN],
	[{ isTTY: true }, { TERM: "dumb" }, PLAIN],
])("output %o with environment %o has its style", (output, env, style) => {
	expect(styleFor(output, env)).toBe(style);
});
