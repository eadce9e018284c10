import { expect, test } from "vitest";
import { mainArgument } from "./main-argument.ts";

test.each([
	["a command", '{"command":"ls","path":"x"}', "$ ls"],
	["a path", '{"path":"src/a.ts","content":"x"}', "src/a.ts"],
	["what it does not know", '{"b":1}', '{"b":1}'],
	["nothing", "{}", ""],
	["no object", "7", "7"],
	["no JSON", '{"command":', '{"command":'],
])("%s is what a person wants to know of a call", (_, raw, main) => expect(mainArgument(raw)).toBe(main));
