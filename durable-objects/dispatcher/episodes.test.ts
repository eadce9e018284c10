import { describe, expect, it } from "vitest";
import { type Episode, episodes } from "./episodes.ts";

const over = { key: "over-committed/a", message: "Node a is over-committed." };
const nowhere = { key: "lease-nowhere/s", message: "Session s has a lease nowhere." };

describe("a violated invariant", () => {
	it("is reported once when it begins and once when it is over, however often it is looked at", () => {
		let open: Episode[] = [];
		const said: string[] = [];
		const look = (violations: (typeof over)[], now: number) => {
			const result = episodes(open, violations, now);
			open = result.open;
			said.push(...result.reports.map(({ key, phase, since, at }) => `${at} ${phase} ${key} since ${since}`));
		};
		for (let tick = 1; tick <= 1_000; tick++) look([over], tick);
		look([], 1_001);
		look([], 1_002);
		look([over, nowhere], 2_000);
		expect(said).toEqual([
			"1 began over-committed/a since 1",
			"1001 ended over-committed/a since 1",
			"2000 began over-committed/a since 2000",
			"2000 began lease-nowhere/s since 2000",
		]);
	});
});
