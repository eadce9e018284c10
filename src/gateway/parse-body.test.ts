import { describe, expect, test } from "vitest";
import { type BodyFormat, parseBody } from "./parse-body.ts";

const parse = async (format: BodyFormat, text: string) => parseBody(format, Uint8Array.from(new TextEncoder().encode(text)).buffer);

test("JSON and YAML give the same data", async () => {
	expect(await parse("JSON", '{"a":[1,"x",null]}')).toEqual({ value: { a: [1, "x", null] }, problems: [] });
	expect(await parse("YAML", "a:\n- 1\n- x\n- null\n")).toEqual({ value: { a: [1, "x", null] }, problems: [] });
	expect(await parse("YAML", '{"a":[1,"x",null]}')).toEqual({ value: { a: [1, "x", null] }, problems: [] });
});

test("a key that stands twice is read, and named", async () => {
	expect(await parse("JSON", '{"spec":{"model":"a","model":"b"}}')).toEqual({
		value: { spec: { model: "b" } },
		problems: ['duplicate field "spec.model"'],
	});
	expect(await parse("YAML", 'spec:\n  model: a\n  "model": b\n')).toEqual({
		value: { spec: { model: "b" } },
		problems: ['line 3: key "model" already set in map'],
	});
});

test("anchors and merge keys work as in Kubernetes' YAML", async () => {
	expect((await parse("YAML", "base: &b {x: 1}\nc:\n  <<: *b\n  y: 2\n")).value).toEqual({ base: { x: 1 }, c: { x: 1, y: 2 } });
});

describe("YAML that would take minutes to read is refused before it is read", () => {
	test.each([
		["many keys", Array.from({ length: 30_000 }, (_, i) => `key${i}: v`).join("\n"), 413],
		["many items", `[${"a,".repeat(100_000)}]`, 413],
		["many aliases", `a: &a x\nb: [${Array(101).fill("*a")}]`, 413],
		["depth", "[".repeat(100_000), 400],
	])("%s", async (_, text, code) => {
		await expect(parse("YAML", text)).rejects.toMatchObject({ status: { code, message: expect.stringMatching(/^The body .*\.$/) } });
	});

	test("but not for text that only looks so", async () => {
		const brackets = "[".repeat(1_000);
		const text = `long: |\n  ${"*a, {b}\n  ".repeat(10_000)}\nquoted: "${brackets}"\nplain: x${brackets}\n`;
		expect((await parse("YAML", text)).value).toMatchObject({ quoted: brackets, plain: `x${brackets}` });
	});
});

describe("what is malformed is a 400 that says where", () => {
	const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`)}]\n`).join("")}`;
	test.each([
		["JSON", "{", "The body is not valid JSON: "],
		["JSON", " ", "The body is not valid JSON: "],
		["JSON", "[".repeat(1_000_000), "The body is not valid JSON: "],
		["YAML", "a: [1", "The body is not valid YAML: "],
		["YAML", "a: 1\n---\nb: 2\n", "The body is not valid YAML: "],
		["YAML", "a: *nowhere\n", "The body is not valid YAML: "],
		["YAML", bomb, "The body is not valid YAML: "],
	] as const)("%s %.20j", async (format, text, message) => {
		await expect(parse(format, text)).rejects.toMatchObject({ status: { code: 400, message: expect.stringContaining(message) } });
	});

	test("bytes that are no UTF-8", async () => {
		await expect(async () => parseBody("JSON", Uint8Array.of(0x22, 0xff, 0x22).buffer)).rejects.toThrow("not UTF-8");
	});
});
