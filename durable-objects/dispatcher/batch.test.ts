import { describe, expect, it } from "vitest";
import { Batch } from "./batch.ts";

function batch() {
	const soon: (() => void)[] = [];
	const delays: number[] = [];
	const commits: number[] = [];
	const settled: string[][] = [];
	let written: string[] = [];
	const made = new Batch({
		soon: (run, ms) => {
			soon.push(run);
			delays.push(ms);
		},
		together: (changes) => {
			const result = changes();
			settled.push([...written]);
			return result;
		},
		commit: (change) => {
			const before = [...written];
			try {
				const result = change();
				commits.push(written.length - before.length);
				return result;
			} catch (error) {
				written = before;
				throw error;
			}
		},
	});
	const write = (text: string) => {
		if (text === "bad") throw new Error("it is bad");
		written.push(text);
		return text;
	};
	return {
		write: (text: string) => made.run(() => write(text)),
		writeAndCount: (text: string) =>
			made.run(
				() => write(text),
				(own) => `${own} of ${settled.at(-1)?.length}`,
			),
		settled,
		flush: () => {
			for (const run of soon.splice(0)) run();
		},
		commits,
		delays,
		written: () => written,
	};
}

describe("changes that arrive together", () => {
	it("are written at once, and each gets its own answer", async () => {
		const { write, flush, commits } = batch();
		const answers = Promise.all([write("a"), write("b"), write("c")]);
		flush();
		expect([await answers, commits]).toEqual([["a", "b", "c"], [3]]);
		const later = write("d");
		flush();
		expect([await later, commits]).toEqual(["d", [3, 1]]);
	});

	it("are followed up once, and who is answered from that is answered afterwards", async () => {
		const { writeAndCount, flush, settled } = batch();
		const answers = Promise.all([writeAndCount("a"), writeAndCount("b")]);
		flush();
		expect([await answers, settled]).toEqual([["a of 2", "b of 2"], [["a", "b"]]]);
	});

	it("are waited for by those that come after, and nobody waits who comes alone", async () => {
		const { write, flush, delays } = batch();
		for (const together of [["a"], ["b"], ["c", "d"], ["e"], ["f"]]) {
			const answers = together.map(write);
			flush();
			await Promise.all(answers);
		}
		expect(delays.map((ms) => ms > 0)).toEqual([false, false, false, true, false]);
	});

	it("do not suffer for one among them that fails", async () => {
		const { write, flush, written } = batch();
		const answers = Promise.allSettled([write("a"), write("bad"), write("c")]);
		flush();
		expect((await answers).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(written()).toEqual(["a", "c"]);
	});
});
