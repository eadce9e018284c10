import { expect, it } from "vitest";
import { whenKnown } from "./when-known.ts";

const TAINTS = [{ key: "gpu", effect: "NoSchedule" as const }];

it("a node that was started with neither taints nor labels has nothing to be told", () => {
	expect(whenKnown("n", [], {})).toBeUndefined();
});

it("each of the two is told what comes of it, with the command that changes it", () => {
	expect(whenKnown("n", TAINTS, {})).toMatch(/^Node n exists already\. Its --taints .* klaw taint nodes n KEY=VALUE:EFFECT\.$/);
	expect(whenKnown("n", [], { zone: "b" })).toMatch(/^Node n exists already\. Its --labels .* klaw label nodes n KEY-\.$/);
	expect(whenKnown("n", TAINTS, { zone: "b" })).toMatch(/Its --taints .* Its --labels /);
});
