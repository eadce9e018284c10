import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CPU_UNIT } from "./amount.ts";
import { RoomGrid } from "./room-grid.ts";

const room = fc.record({
	cpu: fc.integer({ min: -1, max: 40 * CPU_UNIT }),
	memory: fc.oneof(
		fc.integer({ min: -1, max: 2 ** 36 }),
		fc.integer({ min: 20, max: 36 }).map((power) => 2 ** power),
	),
	slots: fc.integer({ min: 0, max: 3 }),
});

function found(grid: RoomGrid, cpu: number, memory: number): number[] {
	const numbers: number[] = [];
	grid.forEachFrom(cpu, memory, (cell) => numbers.push(...cell.numbers.subarray(0, cell.size)));
	return numbers.sort((a, b) => a - b);
}

describe("the grid of rooms", () => {
	it("shows every node that has room, each once, whatever it had before", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), room), { maxLength: 120 }), room, (steps, asked) => {
				const grid = new RoomGrid();
				const now = new Map<number, typeof asked>();
				for (const [number, its] of steps) {
					grid.put(number, its.cpu, its.memory, its.slots);
					now.set(number, its);
				}
				const [cpu, memory] = [Math.max(asked.cpu, 0), Math.max(asked.memory, 0)];
				const shown = found(grid, cpu, memory);
				expect(new Set(shown).size).toBe(shown.length);
				for (const [number, its] of now) if (its.slots > 0 && its.cpu >= cpu && its.memory >= memory) expect(shown).toContain(number);
			}),
		);
	});

	it("leaves out nodes that have far too little, and those without a slot", () => {
		const grid = new RoomGrid();
		grid.put(1, CPU_UNIT / 2, 2 ** 33, 1);
		grid.put(2, 4 * CPU_UNIT, 2 ** 33, 1);
		grid.put(3, 4 * CPU_UNIT, 2 ** 28, 1);
		grid.put(4, 4 * CPU_UNIT, 2 ** 33, 0);
		expect(found(grid, CPU_UNIT, 2 ** 30)).toEqual([2]);
	});
});
