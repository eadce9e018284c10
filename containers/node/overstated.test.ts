import { expect, it } from "vitest";
import { overstated } from "./overstated.ts";

const GIB = 2 ** 30;
const machine = { cpu: 2, memory: 24_684_084 * 1024, ephemeralStorage: 10 * GIB, slots: 16 };

it("a machine that offers what it has, or less, offers nothing too much", () => {
	expect(overstated(machine, machine)).toBe("");
	expect(overstated({ cpu: 0.5, memory: GIB }, machine)).toBe("");
});

it("what is too much is told with both numbers", () => {
	expect(overstated({ ...machine, cpu: 500, memory: 90 * 2 ** 40, ephemeralStorage: 20 * GIB }, machine)).toBe(
		"cpu=500 of 2, memory=90Ti of 24105Mi, ephemeral-storage=20Gi of 10Gi",
	);
});

it("how many sessions it takes at once is its owner's to say", () => {
	expect(overstated({ ...machine, slots: 10_000 }, machine)).toBe("");
});

it("a machine that did not say what its disk has is not doubted", () => {
	expect(overstated(machine, { ...machine, ephemeralStorage: undefined })).toBe("");
});
