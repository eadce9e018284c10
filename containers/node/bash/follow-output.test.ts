import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { followOutput } from "./follow-output.ts";

function follow(path: string, limitBytes = 2 ** 40) {
	vi.useFakeTimers();
	onTestFinished(() => void vi.useRealTimers());
	const pieces: [number, string][] = [];
	const [tooLarge, failed] = [vi.fn(), vi.fn()];
	const emit = (offset: number, text: string) => void pieces.push([offset, text]);
	const follower = followOutput(path, { everyMs: 100, emit, tooLarge, limitBytes, failed });
	onTestFinished(() => follower.stop());
	return { pieces, tooLarge, failed, look: () => vi.advanceTimersByTime(100) };
}

describe("followOutput", () => {
	it("shows what came since the last look, and where it belongs", () => {
		const path = join(temporaryDirectory(), "output");
		const { pieces, look } = follow(path);
		look();
		writeFileSync(path, "one ");
		look();
		look();
		appendFileSync(path, "two");
		look();
		expect(pieces).toEqual([
			[0, "one "],
			[4, "two"],
		]);
	});

	it("waits for the rest of a character", () => {
		const path = join(temporaryDirectory(), "output");
		const { pieces, look } = follow(path);
		writeFileSync(path, Buffer.from([0x61, 0xf0, 0x9f]));
		look();
		appendFileSync(path, Buffer.from([0x98, 0x80, 0x62]));
		look();
		expect(pieces).toEqual([
			[0, "a"],
			[1, "😀b"],
		]);
	});

	it("gives up, and says so once, when the file cannot be read", () => {
		const { failed, look } = follow(temporaryDirectory());
		look();
		look();
		expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: "EISDIR" })]]);
	});

	it("shows at most 30,000 characters, and goes on watching the size", () => {
		const path = join(temporaryDirectory(), "output");
		const { pieces, tooLarge, look } = follow(path, 200_000);
		for (let index = 0; index < 4; index++) {
			appendFileSync(path, "x".repeat(20_000));
			look();
		}
		expect(pieces).toEqual([
			[0, "x".repeat(20_000)],
			[20_000, "x".repeat(10_000)],
		]);
		expect(tooLarge).not.toHaveBeenCalled();
		appendFileSync(path, "x".repeat(130_000));
		look();
		look();
		expect(tooLarge).toHaveBeenCalledTimes(1);
	});
});
