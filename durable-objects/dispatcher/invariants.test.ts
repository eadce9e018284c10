import { expect, it } from "vitest";
import { Invariants } from "./invariants.ts";
import { granted, joined, request, testDispatcher } from "./test-dispatcher.ts";

function disks() {
	const { dispatcher, clock } = testDispatcher();
	const { pool } = dispatcher;
	const invariants = new Invariants({ ledger: pool.ledger, pool, now: () => clock.now, report: () => undefined });
	const offers = (ephemeralStorage?: number) => {
		const capacity = { cpu: 1, memory: 1_000, slots: 10, ...(ephemeralStorage !== undefined && { ephemeralStorage }) };
		dispatcher.nodes.joined(joined("n", { capacity }));
		invariants.look();
		return invariants.open().map(({ message }) => message);
	};
	return { dispatcher, offers };
}

it("a machine whose disk is smaller than what its sessions were promised is over-committed, until it is not", () => {
	const { dispatcher, offers } = disks();
	expect(offers(1_000)).toEqual([]);
	for (const session of ["s1", "s2"])
		granted(dispatcher, request(session, 0.1, { requests: { cpu: 0.1, memory: 1, ephemeralStorage: 400 } }));
	expect(offers(500)).toEqual([
		"Node n is over-committed: 0.2 of 1 cores, 2 of 1000 bytes, 800 of 500 bytes of ephemeral storage, 2 of 10 slots.",
	]);
	expect(offers(800)).toEqual([]);
});

it("a machine that does not say how large its disk is promises nothing of it", () => {
	const { dispatcher, offers } = disks();
	offers();
	granted(dispatcher, request("s1", 0.1, { requests: { cpu: 0.1, memory: 1, ephemeralStorage: 400 } }));
	expect(offers()).toEqual([]);
});
