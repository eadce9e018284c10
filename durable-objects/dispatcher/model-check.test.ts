import { describe, expect, it } from "vitest";
import { DispatcherWorld } from "../../test/fakes/dispatcher-world.ts";
import { seededRandom } from "../../test/fakes/random.ts";

/** Random interleavings, each from a seed of its own; a failure names the seed. */
const WALKS = 1_200;
const STEPS = 60;

describe("dispatcher, nodes and sessions", () => {
	it(`keep every promise through ${WALKS} random interleavings of ${STEPS} steps, and place everybody in the end`, {
		timeout: 120_000,
	}, () => {
		const done = new Map<string, number>();
		for (let seed = 1; seed <= WALKS; seed++) {
			const world = new DispatcherWorld(seededRandom(seed), { containers: seed % 3 === 0 });
			try {
				for (let step = 0; step < STEPS; step++) {
					const name = world.step();
					done.set(name, (done.get(name) ?? 0) + 1);
					world.check();
				}
				world.heal();
				world.check();
				expect(world.unplaced(), "sessions that fit and were never placed").toEqual([]);
				expect(world.rest(), "left when nobody wants anything").toEqual([]);
			} catch (error) {
				throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}\n${world.log.join("\n")}`, { cause: error });
			}
		}
		// A walk that never does a thing proves nothing about it.
		for (const action of DispatcherWorld.ACTIONS) expect(done.get(action) ?? 0, action).toBeGreaterThan(WALKS / 10);
	});
});
