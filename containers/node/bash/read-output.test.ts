import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { readOutput } from "./read-output.ts";

function output(content: string | Buffer): string {
	const path = join(temporaryDirectory(), "output");
	writeFileSync(path, content);
	return path;
}

describe("readOutput", () => {
	it("takes a missing file for no output", async () => {
		expect(await readOutput(join(temporaryDirectory(), "none"))).toEqual({ first: "", last: "" });
	});

	it.each([
		["ASCII", "x".repeat(30_000)],
		["three bytes a character", "€".repeat(30_000)],
		["four bytes a character", "😀".repeat(15_000)],
	])("shows 30,000 characters whole: %s", async (_, text) => {
		expect(await readOutput(output(text))).toEqual({ first: text, last: "" });
	});

	it.each([
		["one character too many", `a${"x".repeat(29_999)}b`, "1 characters", `a${"x".repeat(14_999)}`, `${"x".repeat(14_999)}b`],
		["ASCII", "x".repeat(100_000), "70,000 characters", "x".repeat(15_000), "x".repeat(15_000)],
		["three bytes a character", "€".repeat(50_000), "20,000 characters", "€".repeat(15_000), "€".repeat(15_000)],
		["four bytes a character", `a${"😀".repeat(25_000)}b`, "20,004 characters", `a${"😀".repeat(7_499)}`, `${"😀".repeat(7_499)}b`],
	])("cuts on characters and counts what is left out: %s", async (_, text, omitted, first, last) => {
		expect(await readOutput(output(text))).toEqual({ first, last, omitted });
	});

	it("replaces what is not UTF-8", async () => {
		expect(await readOutput(output(Buffer.from([0x61, 0xff, 0x62])))).toEqual({ first: "a\ufffdb", last: "" });
		const { first, last, omitted } = await readOutput(output(Buffer.alloc(200_000, 0x80)));
		expect([first.length, last.length, omitted]).toEqual([15_000, 15_000, "170,000 characters"]);
	});
});
