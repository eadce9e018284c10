import { expect, it } from "vitest";
import { parse } from "yaml";
import { formatYaml } from "./yaml.ts";

// Every expectation here is what kubectl 1.32 writes.
it("maps are in order, and lists stand at the indentation of their key", () => {
	expect(formatYaml({ b: [{ z: 1, x: [] }, [1, "a"], {}], a: { d: null, c: true } })).toBe(
		"a:\n  c: true\n  d: null\nb:\n- x: []\n  z: 1\n- - 1\n  - a\n- {}\n",
	);
});

it("keys are ordered as people count: signs, numbers, letters", () => {
	const keys = ["b", "a10", "a2", "a_b", "a-b", "aB", "10", "9", "A"];
	expect(formatYaml(Object.fromEntries(keys.map((key) => [key, 1])))).toBe(
		'"9": 1\n"10": 1\nA: 1\na-b: 1\na_b: 1\na2: 1\na10: 1\naB: 1\nb: 1\n',
	);
});

it.each([
	["plain", "plain"],
	["a b", "a b"],
	["a:b", "a:b"],
	["-x", "-x"],
	["?x", "?x"],
	["<<", "<<"],
	["2001-13-45", "2001-13-45"],
	["0o8", "0o8"],
	["1e", "1e"],
	["nO", "nO"],
	["", '""'],
	["true", '"true"'],
	["y", '"y"'],
	["Off", '"Off"'],
	["~", '"~"'],
	["012", '"012"'],
	["1_000", '"1_000"'],
	["1e3", '"1e3"'],
	["0x1f", '"0x1f"'],
	["-.inf", '"-.inf"'],
	["1:20", '"1:20"'],
	["2020-01-01", '"2020-01-01"'],
	["2020-01-01T00:00:00Z", '"2020-01-01T00:00:00Z"'],
	["a: b", "'a: b'"],
	["a #c", "'a #c'"],
	[" lead", "' lead'"],
	["- x", "'- x'"],
	["---", "'---'"],
	["'x", "'''x'"],
	["{x", "'{x'"],
	["tab\there", '"tab\\there"'],
	["é ☃ 😀", '"é ☃ \\U0001F600"'],
	["a\u001b", '"a\\e"'],
	["trail \nline", '"trail \\nline"'],
	["a\nb", "|-\n  a\n  b"],
	["a\n\nb\n", "|\n  a\n\n  b"],
	["a\n\n", "|+\n  a\n"],
	["  a\nb", "|2-\n    a\n  b"],
])("%j is written %s", (text, expected) => {
	expect(formatYaml({ k: text })).toBe(`k: ${expected}\n`);
});

it("long lines are folded at the first space after column 80, but not between two spaces", () => {
	const words = "x".repeat(79);
	expect(formatYaml({ k: `${words} y z` })).toBe(`k: ${words}\n  y z\n`);
	expect(formatYaml({ k: `${words}  y z` })).toBe(`k: ${words}  y\n  z\n`);
	expect(formatYaml({ k: `a: ${words} y` })).toBe(`k: 'a: ${words}\n  y'\n`);
	expect(formatYaml({ k: `\t${words} y` })).toBe(`k: "\\t${words}\n  y"\n`);
});

it("what is written is read as it was", () => {
	const texts = ["long: words\t ".repeat(30), "a  b ".repeat(40), "'\"\\", "#", "null", "0", "\u0007", "x\n y\n", "a\r\nb"];
	expect(parse(formatYaml({ texts }))).toEqual({ texts });
});
