import { describe, expect, it } from "vitest";
import { Crowds } from "./crowds.ts";

const BOMB = { uid: 100, gid: 100 };
const BUILD = { uid: 200, gid: 200 };

/** Looks are made by hand; each user has as many processes as the test says. */
function crowds() {
	const counts = new Map([
		[BOMB.uid, 0],
		[BUILD.uid, 0],
	]);
	const looks: (() => void)[] = [];
	const waits: number[] = [];
	const killed: number[] = [];
	const log: string[] = [];
	const made = new Crowds({
		count: () => counts,
		kill: async ({ uid }) => void killed.push(uid),
		later: (look, ms) => {
			looks.push(look);
			waits.push(ms);
		},
		log: (line) => log.push(line),
	});
	return { made, counts, looks, waits, killed, log, look: () => looks.shift()?.() };
}

describe("Crowds", () => {
	it("ends a session that stays at its limit, says so once, and leaves others alone", () => {
		const { made, counts, look, killed, log } = crowds();
		made.watch("/w/bomb", BOMB, 512);
		made.watch("/w/build", BUILD, 512);
		counts.set(BOMB.uid, 509).set(BUILD.uid, 40);
		look();
		expect(killed).toEqual([]);
		look();
		expect(killed).toEqual([BOMB.uid]);
		expect(log).toEqual([expect.stringContaining("limit of 512 processes (it had 509)")]);
		expect([made.takeEnded("/w/bomb"), made.takeEnded("/w/bomb"), made.takeEnded("/w/build")]).toEqual([512, undefined, undefined]);
	});

	it("spares a session that only touches its limit", () => {
		const { made, counts, look, killed } = crowds();
		made.watch("/w/build", BUILD, 100);
		for (const count of [100, 20, 99, 89]) {
			counts.set(BUILD.uid, count);
			look();
		}
		expect(killed).toEqual([]);
	});

	it("looks ever more seldom, and no more once nothing runs", () => {
		const { made, counts, look, looks, waits } = crowds();
		made.watch("/w/build", BUILD, 100);
		counts.set(BUILD.uid, 1);
		for (let index = 0; index < 5; index++) look();
		expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
		counts.set(BUILD.uid, 0);
		look();
		expect(looks).toEqual([]);
	});
});
