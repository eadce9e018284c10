import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Progress } from "./progress.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

function plain() {
	const lines: string[] = [];
	return { lines, progress: new Progress({ write: (text) => lines.push(String(text)) }) };
}

describe("Progress", () => {
	it("says nothing of what takes less than a second", () => {
		const { lines, progress } = plain();
		progress.show("waiting");
		vi.advanceTimersByTime(999);
		progress.clear();
		vi.advanceTimersByTime(10_000);
		expect(lines).toEqual([]);
	});

	it("says once what takes longer, in the words of what goes on by then", () => {
		const { lines, progress } = plain();
		progress.show("starting");
		vi.advanceTimersByTime(500);
		progress.show("waiting");
		vi.advanceTimersByTime(5_000);
		progress.show("waiting");
		vi.advanceTimersByTime(5_000);
		expect(lines).toEqual(["waiting …\n"]);
	});

	it("says the next thing when that takes longer too", () => {
		const { lines, progress } = plain();
		progress.show("one");
		vi.advanceTimersByTime(1_000);
		progress.clear();
		progress.show("two");
		vi.advanceTimersByTime(1_000);
		expect(lines).toEqual(["one …\n", "two …\n"]);
	});

	it("is a spinner on a terminal, and leaves the line empty", () => {
		let written = "";
		const terminal = Object.assign(
			new Writable({
				write(chunk, _, done) {
					written += String(chunk);
					done();
				},
			}),
			{ isTTY: true, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true },
		);
		const progress = new Progress(terminal);
		progress.show("waiting");
		vi.advanceTimersByTime(1_500);
		expect(written).toContain("waiting");
		progress.clear();
		const after = written.length;
		vi.advanceTimersByTime(5_000);
		expect(written.length).toBe(after);
	});
});
