import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "./heap.ts";

describe("a heap", () => {
	it("gives its items out in order, also when some are added between", () => {
		fc.assert(
			fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
				const heap = new Heap<number>((a, b) => a < b);
				const model: number[] = [];
				for (const step of steps) {
					if (step === undefined) expect(heap.pop()).toBe(model.shift());
					else {
						heap.push(step);
						model.push(step);
						model.sort((a, b) => a - b);
					}
				}
				while (model.length > 0) expect(heap.pop()).toBe(model.shift());
				expect(heap.pop()).toBeUndefined();
			}),
		);
	});
});
