import { expect, it } from "vitest";
import { terminalText } from "./terminal-text.ts";

it.each([
	["an escape and a carriage return as kubectl does", "\u001b[2Jx\r", "^[[2Jx\\r"],
	["a bell and a backspace", "a\u0007b\u0008", "a^Gb^H"],
	["the eight-bit forms of escapes", "\u009b2J\u009d0;t\u009c\u007f", "\\x9b2J\\x9d0;t\\x9c\\x7f"],
])("text of the server shows %s", (_, text, shown) => {
	expect(terminalText(text)).toBe(shown);
});

it("text of the server keeps its lines, its tabs and its letters", () => {
	expect(terminalText("größe\t日本\n")).toBe("größe\t日本\n");
});
