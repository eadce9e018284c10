import { beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../test/fakes/random.ts";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Lease, LeaseRequest } from "../ports.ts";
import { Dispatcher, LEASE_MS, type NodeJoined } from "./dispatcher.ts";
import { Ledger } from "./ledger.ts";

let now: number;
let ledger: Ledger;
let dispatcher: Dispatcher;

beforeEach(() => {
	now = 1_000;
	let id = 0;
	ledger = new Ledger(memorySql());
	dispatcher = new Dispatcher({
		ledger,
		now: () => now,
		id: () => {
			id += 1;
			return `lease-${id}`;
		},
	});
});

function joined(name: string, part: Partial<NodeJoined> = {}): NodeJoined {
	const capacity = { cpu: 1, memory: 1_000, slots: 10 };
	return { name, uid: `uid-${name}`, incarnation: 1, capacity, labels: {}, version: "1", os: "linux", arch: "x64", ...part };
}

function request(session: string, cpu = 1): LeaseRequest {
	return { session: `default/${session}`, namespace: "default", requests: { cpu, memory: 1 }, nodeSelector: {} };
}

function granted(session: string, cpu = 1): Lease {
	const reply = dispatcher.acquire(request(session, cpu));
	if (reply.state !== "granted") throw new Error(reply.message);
	return reply.lease;
}

describe("leases", () => {
	it("are given once: asked again, the same lease is the answer", () => {
		dispatcher.nodeJoined(joined("a"));
		expect(granted("s")).toEqual(granted("s"));
		expect(dispatcher.records()[0]?.allocated).toEqual({ cpu: 1, memory: 1, slots: 1 });
	});

	it("that were given back make room for the one who waited longest", () => {
		dispatcher.nodeJoined(joined("a"));
		const first = granted("s1");
		expect(dispatcher.acquire(request("s2"))).toEqual({ state: "queued", message: "0/1 nodes are available: 1 Insufficient cpu." });
		dispatcher.acquire(request("s3"));
		dispatcher.release({ session: first.session, lease: first.id });
		expect(dispatcher.untold().map(({ session }) => session)).toEqual(["default/s2"]);
	});

	it("lapse when they are not renewed, and their capacity with them", () => {
		dispatcher.nodeJoined(joined("a"));
		const first = granted("s1");
		dispatcher.acquire(request("s2"));
		now += LEASE_MS - 1;
		dispatcher.dispatch();
		expect(dispatcher.untold()).toEqual([]);
		now += 1;
		dispatcher.dispatch();
		expect(dispatcher.untold().map(({ session }) => session)).toEqual(["default/s2"]);
		expect(dispatcher.renew(first)).toBeUndefined();
	});

	it("live on when they are renewed", () => {
		dispatcher.nodeJoined(joined("a"));
		const first = granted("s1");
		now += LEASE_MS - 1;
		expect(dispatcher.renew(first)?.expiresAt).toBe(now + LEASE_MS);
		now += LEASE_MS - 1;
		dispatcher.dispatch();
		expect(dispatcher.records()[0]?.leases).toHaveLength(1);
	});

	it("of an old incarnation are void and hold nothing", () => {
		dispatcher.nodeJoined(joined("a"));
		const old = granted("s1");
		dispatcher.nodeJoined(joined("a", { incarnation: 2, uid: "another" }));
		expect(dispatcher.renew(old)).toBeUndefined();
		expect(granted("s1")).toMatchObject({ incarnation: 2 });
		expect(dispatcher.records()[0]?.allocated.slots).toBe(1);
	});

	it("of a late release do not take the session's newer lease away", () => {
		dispatcher.nodeJoined(joined("a"));
		const old = granted("s1");
		dispatcher.release({ session: old.session, lease: old.id });
		const newer = granted("s1");
		dispatcher.release({ session: old.session, lease: old.id });
		expect(dispatcher.records()[0]?.leases).toEqual([newer]);
	});
});

describe("nodes", () => {
	it("that left get nothing new but keep their leases until they are back", () => {
		dispatcher.nodeJoined(joined("a", { capacity: { cpu: 2, memory: 1_000, slots: 10 } }));
		const lease = granted("s1");
		dispatcher.nodeLeft("a", 1);
		expect(dispatcher.acquire(request("s2"))).toEqual({ state: "queued", message: "0/1 nodes are available: 1 node(s) were not ready." });
		expect(dispatcher.records()[0]?.leases).toEqual([lease]);
		dispatcher.nodeJoined(joined("a", { capacity: { cpu: 2, memory: 1_000, slots: 10 } }));
		expect(dispatcher.untold().map(({ session }) => session)).toEqual(["default/s2"]);
	});

	it("are not taken for gone by word of an old incarnation", () => {
		dispatcher.nodeJoined(joined("a", { incarnation: 2 }));
		dispatcher.nodeLeft("a", 1);
		expect(dispatcher.records()[0]?.ready).toBe(true);
	});

	it("that are deleted take their leases with them", () => {
		dispatcher.nodeJoined(joined("a"));
		const lease = granted("s1");
		expect(dispatcher.deleteNode("a")).toBe(true);
		expect(dispatcher.deleteNode("a")).toBe(false);
		expect(dispatcher.renew(lease)).toBeUndefined();
	});
});

describe("whatever happens in whatever order", () => {
	it("no node is over-committed, no session has two leases, and who waits is served when there is room (200 random runs)", {
		timeout: 60_000,
	}, () => {
		for (let seed = 1; seed <= 200; seed += 1) {
			const random = seededRandom(seed);
			const pick = (n: number) => Math.floor(random() * n);
			for (const session of [...Array(12).keys()].map((n) => `default/s${n}`)) dispatcher.release({ session });
			for (let n = 0; n < 120; n += 1) {
				const dice = random();
				const session = `s${pick(12)}`;
				const node = `n${pick(3)}`;
				if (dice < 0.35) dispatcher.acquire(request(session, [0.1, 0.3, 0.5, 1][pick(4)]));
				else if (dice < 0.6) dispatcher.release({ session: `default/${session}` });
				else if (dice < 0.7) dispatcher.nodeJoined(joined(node, { incarnation: 1 + pick(3) }));
				else if (dice < 0.75) dispatcher.nodeLeft(node, 1 + pick(3));
				else if (dice < 0.78) dispatcher.deleteNode(node);
				else if (dice < 0.85) now += pick(LEASE_MS);
				else for (const lease of dispatcher.untold()) dispatcher.told(lease);
				for (const record of dispatcher.records()) {
					const sum = record.leases.length;
					expect(record.allocated.cpu, `seed ${seed}`).toBeLessThanOrEqual(record.capacity.cpu + 1e-6);
					expect(record.allocated.slots, `seed ${seed}`).toBe(sum);
				}
				const holders = dispatcher.records().flatMap(({ leases }) => leases.map((lease) => lease.session));
				expect(new Set(holders).size, `seed ${seed}`).toBe(holders.length);
			}
			for (const name of ["n0", "n1", "n2"])
				dispatcher.nodeJoined(joined(name, { incarnation: 9, capacity: { cpu: 50, memory: 1e6, slots: 99 } }));
			expect(ledger.queue(), `seed ${seed}`).toEqual([]);
			for (const name of ["n0", "n1", "n2"]) dispatcher.deleteNode(name);
		}
	});
});
