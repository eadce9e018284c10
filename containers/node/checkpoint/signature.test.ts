import { describe, expect, it } from "vitest";
import { isSame, settled } from "./signature.ts";

const signature = { size: 1, mtimeMs: 1_700_000_000_123.5, ctimeMs: 1_700_000_000_123.5, ino: 7 };

describe("a file that was read", () => {
	it.each(["size", "mtimeMs", "ctimeMs", "ino"] as const)("is another when its %s is", (field) => {
		expect(isSame(signature, { ...signature })).toBe(true);
		expect(isSame(signature, { ...signature, [field]: signature[field] + 1 })).toBe(false);
	});

	it.each([
		["long after its last change is settled", { ctimeMs: 1_700_000_000_123.5 }, 1_700_000_001_000, true],
		["at the moment of its last change is not", { ctimeMs: 1_700_000_000_123.5 }, 1_700_000_000_124, false],
		["before the clock of its disk is not", { ctimeMs: 1_700_000_009_123.5 }, 1_700_000_000_000, false],
		["on a disk of whole seconds is not within two of them", { ctimeMs: 1_700_000_000_000 }, 1_700_000_001_900, false],
		["on a disk of whole seconds is after them", { ctimeMs: 1_700_000_000_000 }, 1_700_000_002_100, true],
		["whose time a program set into the future is settled all the same", { mtimeMs: 4_000_000_000_000 }, 1_700_000_001_000, true],
	])("%s", (_, more, readAt, isSettled) => {
		expect(settled({ ...signature, ...more }, readAt) !== undefined).toBe(isSettled);
	});
});
