import { expect, test } from "vitest";
import { MemoryHost } from "../../test/fakes/memory-host.ts";

const KEPT = 20_000;
const CALLER = { user: "ann", groups: [] };

test("records are read in order across the seam of the ring, and the oldest are gone", () => {
	const world = new MemoryHost();
	const log = world.host.audit;
	for (let at = 1; at <= KEPT + 5; at++) log.append({ at, caller: CALLER, verb: "create", group: "", resource: "pods", code: 201 });
	world.reopen();
	const { audit } = world.host;
	const ids = (after: number, limit: number) => audit.after(after, limit).map(({ id }) => id);
	expect(ids(0, 2)).toEqual([6, 7]);
	expect(ids(KEPT - 2, 4)).toEqual([KEPT - 1, KEPT, KEPT + 1, KEPT + 2]);
	expect(ids(KEPT + 4, 10)).toEqual([KEPT + 5]);
	expect(ids(KEPT + 5, 10)).toEqual([]);
	expect(audit.get(5)).toBeUndefined();
	expect(audit.get(6)).toMatchObject({ at: 6 });
});
