import { expect, it } from "vitest";
import { Ends } from "./ends.ts";

it("what was not heard is owed, and what was heard is still known", () => {
	const ends = new Ends();
	ends.add("a", { exitCode: 0 });
	ends.add("b", { exitCode: 1 });
	ends.heard("a");
	ends.heard("never was");
	expect(ends.owed()).toEqual([{ id: "b", end: { exitCode: 1 } }]);
	expect([ends.get("a"), ends.get("never was")]).toEqual([{ exitCode: 0 }, undefined]);
});

it("a server that never says that it heard fills no memory: the oldest are forgotten", () => {
	const ends = new Ends();
	for (let index = 0; index < 1_000; index++) ends.add(`${index}`, { exitCode: 0 });
	expect(ends.owed().length).toBeLessThanOrEqual(100);
	expect(ends.owed().at(-1)?.id).toBe("999");
});
