import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { findLine } from "./find-line.ts";

describe("findLine", () => {
	it.each([
		["", 1, { lines: 0 }],
		["a", 1, { start: 0 }],
		["a", 2, { lines: 1 }],
		["a\n", 2, { lines: 1 }],
		["a\nb", 2, { start: 2 }],
		["a\nb", 3, { lines: 2 }],
		["\n", 1, { start: 0 }],
		["\n\n", 2, { start: 1 }],
		["\n\n", 3, { lines: 2 }],
		[`${"x".repeat(300_000)}\n${"y".repeat(300_000)}\nz`, 3, { start: 600_002 }],
		[`${"x".repeat(2 ** 18 - 1)}\n`, 2, { lines: 1 }],
		[`${"x".repeat(2 ** 18 - 1)}\ny`, 2, { start: 2 ** 18 }],
	])("in %j finds line %i: %j", async (content, number, found) => {
		const path = join(temporaryDirectory(), "file");
		writeFileSync(path, content);
		const handle = await open(path);
		expect(await findLine(handle, number, new AbortController().signal)).toEqual(found);
		await handle.close();
	});
});
