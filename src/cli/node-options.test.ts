import { expect, it } from "vitest";
import { capacityOption } from "./node-options.ts";

it("a capacity that the runtime would refuse is refused before anything is started", () => {
	expect(capacityOption("cpu=2")).toBe("cpu=2");
	expect(() => capacityOption("gpu=1")).toThrow('--capacity holds "gpu". It knows cpu, memory, ephemeral-storage and slots');
});
