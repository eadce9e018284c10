import { expect } from "vitest";
import { DispatcherWorld } from "./dispatcher-world.ts";
import { seededRandom } from "./random.ts";
import { WORLD_ACTIONS } from "./world-actions.ts";

const STEPS = 60;

/**
 * Random interleavings, each from a seed of its own: of what dispatcher, nodes and sessions may do, {@link STEPS} steps long, with
 * every promise looked at after each. In the end everything heals, and everybody is placed who fits.
 *
 * @throws Error that names the seed, and all that was done
 */
export function walkAll({ from, walks }: { from: number; walks: number }): void {
	const done = new Map<string, number>();
	for (let seed = from; seed < from + walks; seed++) {
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
	for (const action of WORLD_ACTIONS) expect(done.get(action) ?? 0, action).toBeGreaterThan(walks / 10);
}
