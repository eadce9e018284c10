import { describe, expect, it } from "vitest";
import { processLimits } from "../sandbox/limits.ts";
import { type Failure, inBytes, remarkOn } from "./remarks.ts";

const limits = processLimits({ memory: 2 ** 29, ephemeralStorage: 2 ** 30 }, 1_000, { cores: 1, memory: 2 ** 32 });

function failure(more: Partial<Failure>): Failure {
	return { exitCode: 1, output: "", limits, diskIsFull: false, ...more };
}

describe("remarkOn", () => {
	it.each([
		[{ exitCode: 152 }, "a process used up its 3600 s of CPU time and was killed"],
		[{ exitCode: 153 }, "a file reached the limit of 1 GiB for one file, and its writer was killed"],
		[{ output: "MemoryError" }, "a process of this session can have 512 MiB of memory"],
		[{ output: "sh: xrealloc: cannot allocate memory" }, "a process of this session can have 512 MiB of memory"],
		[{ exitCode: 153, diskIsFull: true }, "the disk of the node is full: free some space before you try again"],
		[{ output: "no such file" }, ""],
		[{ exitCode: 153, limits: undefined }, ""],
	])("says of %j: %j", (more, remark) => {
		expect(remarkOn(failure(more))).toBe(remark);
	});
});

describe("inBytes", () => {
	it.each([
		[2 ** 34, "16 GiB"],
		[3 * 2 ** 29, "1536 MiB"],
		[1_000, "1000 bytes"],
	])("%i is %s", (bytes, text) => {
		expect(inBytes(bytes)).toBe(text);
	});
});
