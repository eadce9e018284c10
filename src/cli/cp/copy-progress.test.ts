import { beforeEach, describe, expect, it } from "vitest";
import { CopyProgress } from "./copy-progress.ts";

let now: number;
let written: string;
beforeEach(() => {
	now = 0;
	written = "";
});

const progress = (isTTY: boolean, total?: number) =>
	new CopyProgress({ write: (text) => (written += String(text)), isTTY }, () => now, total);

describe("the progress of a copy", () => {
	it("is not shown of a short one", () => {
		const shown = progress(true, 10);
		shown.at(5);
		now = 999;
		shown.at(10);
		shown.end();
		expect(written).toBe("");
	});

	it("is shown of a longer one in one line, now and then, and erased at the end", () => {
		const shown = progress(true, 10 * 2 ** 20);
		for (now = 1000; now <= 1400; now += 100) shown.at((now / 1000) * 2 ** 20);
		shown.end();
		expect(written).toBe("\r\u001b[K1Mi of 10Mi copied, 1Mi/s\r\u001b[K1.3Mi of 10Mi copied, 1Mi/s\r\u001b[K");
	});

	it("has no total where none is known", () => {
		const shown = progress(true);
		now = 2000;
		shown.at(2048);
		expect(written).toBe("\r\u001b[K2Ki copied, 1Ki/s");
	});

	it("is not for files and pipes", () => {
		const shown = progress(false, 10);
		now = 5000;
		shown.at(5);
		shown.end();
		expect(written).toBe("");
	});
});
