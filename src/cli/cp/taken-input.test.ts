import { describe, expect, it } from "vitest";
import { TakenInput } from "./taken-input.ts";

const MEBIBYTE = 2 ** 20;
const dd = (bytes: number) => `8+0 records in\n8+0 records out\n${bytes} bytes (524 kB, 512 KiB) copied, 0.001 s, 500 MB/s\n`;

describe("input that a command takes by dd", () => {
	it("waits while too much is under way, and goes on when the command has taken some", async () => {
		const taken = new TakenInput();
		expect(await taken.sent(8 * MEBIBYTE)).toBe(true);
		let room = false;
		const waits = taken.sent(MEBIBYTE).then((going) => {
			room = going;
		});
		taken.read(dd(MEBIBYTE / 2));
		await Promise.resolve();
		expect(room).toBe(false);
		taken.read(dd(MEBIBYTE / 2));
		await waits;
		expect([room, taken.taken]).toEqual([true, MEBIBYTE]);
	});

	it("waits for nobody who has ended", async () => {
		const taken = new TakenInput();
		const waits = taken.sent(20 * MEBIBYTE);
		taken.end();
		expect(await waits).toBe(false);
	});

	it.each([
		["GNU", dd(524_288)],
		["BSD", "8+0 records in\n8+0 records out\n524288 bytes transferred in 0.000100 secs (5242880000 bytes/sec)\n"],
		["BusyBox", "8+0 records in\n8+0 records out\n524288 bytes (512.0KB) copied, 0.000200 seconds, 2.4GB/s\n"],
		["GNU, whose input comes in small pieces", `dd: warning: partial read (4096 bytes); suggest iflag=fullblock\n${dd(524_288)}`],
		["macOS", "8+0 records in\n8+0 records out\n524288 bytes transferred in 0.000035 secs (14979657143 bytes/sec)\n"],
	])("is counted by what the dd of %s says", (_, said) => {
		const taken = new TakenInput();
		for (const character of said) taken.read(character);
		expect([taken.taken, taken.said]).toEqual([524_288, ""]);
	});

	it("leaves what tar says between", () => {
		const taken = new TakenInput();
		taken.read(`${dd(5)}tar: f: Cannot open: No space left on device\n${dd(6)}tar: Exiting`);
		expect([taken.taken, taken.said]).toEqual([11, "tar: f: Cannot open: No space left on device\ntar: Exiting"]);
	});
});
