import { beforeEach, describe, expect, it } from "vitest";
import { nodeStatusSchema } from "../../src/resources/node/kind.ts";
import { memorySql } from "../../test/fakes/sqlite.ts";
import type { Lease, LeaseRequest, NodeJoined } from "../ports.ts";
import { Dispatcher, LEASE_MS } from "./dispatcher.ts";
import { Ledger } from "./ledger.ts";
import { DEFAULT_CONFIG } from "./scheduler/config.ts";
import type { ContainerSettings } from "./settings.ts";

let now: number;
let ledger: Ledger;
let dispatcher: Dispatcher;

beforeEach(() => {
	now = 1_000;
	dispatcher = boot();
});

function boot(containers?: ContainerSettings): Dispatcher {
	let id = 0;
	const next = () => {
		id += 1;
		return String(id);
	};
	ledger = new Ledger(memorySql());
	return new Dispatcher({
		ledger,
		scheduler: DEFAULT_CONFIG,
		...(containers && { containers }),
		now: () => now,
		id: () => `lease-${next()}`,
		suffix: next,
	});
}

function joined(name: string, part: Partial<NodeJoined> = {}): NodeJoined {
	const capacity = { cpu: 1, memory: 1_000, slots: 10 };
	return { name, uid: `uid-${name}`, incarnation: 1, capacity, labels: {}, version: "1", os: "linux", arch: "x64", ...part };
}

function request(session: string, cpu = 1, more: Partial<LeaseRequest> = {}): LeaseRequest {
	return { session: `default/${session}`, namespace: "default", requests: { cpu, memory: 1 }, nodeSelector: {}, ...more };
}

function granted(session: string, cpu = 1): Lease {
	const reply = dispatcher.acquire(request(session, cpu));
	if (reply.state !== "granted") throw new Error(reply.message);
	return reply.lease;
}

function giveBack(session: string): void {
	const lease = ledger.lease(`default/${session}`);
	if (!lease) throw new Error(`${session} has no lease`);
	dispatcher.release({ session: lease.session, lease: lease.id });
}

describe("leases", () => {
	it("are given once: asked again, the same lease is the answer", () => {
		dispatcher.nodes.joined(joined("a"));
		expect(granted("s")).toEqual(granted("s"));
		expect(dispatcher.records()[0]?.allocated).toEqual({ cpu: 1, memory: 1, ephemeralStorage: 0, slots: 1 });
	});

	it("that were given back make room for the one who waited longest", () => {
		dispatcher.nodes.joined(joined("a"));
		const first = granted("s1");
		expect(dispatcher.acquire(request("s2"))).toEqual({ state: "queued", message: "0/1 nodes are available: 1 Insufficient cpu." });
		dispatcher.acquire(request("s3"));
		dispatcher.release({ session: first.session, lease: first.id });
		expect(dispatcher.pool.untold().map(({ session }) => session)).toEqual(["default/s2"]);
	});

	it("lapse when they are not renewed, and their capacity with them", () => {
		dispatcher.nodes.joined(joined("a"));
		const first = granted("s1");
		dispatcher.acquire(request("s2"));
		now += LEASE_MS - 1;
		dispatcher.dispatch();
		expect(dispatcher.pool.untold()).toEqual([]);
		now += 1;
		dispatcher.dispatch();
		expect(dispatcher.pool.untold().map(({ session }) => session)).toEqual(["default/s2"]);
		expect(dispatcher.renew(first)).toBeUndefined();
	});

	it("live on when they are renewed", () => {
		dispatcher.nodes.joined(joined("a"));
		const first = granted("s1");
		now += LEASE_MS - 1;
		expect(dispatcher.renew(first)?.expiresAt).toBe(now + LEASE_MS);
		now += LEASE_MS - 1;
		dispatcher.dispatch();
		expect(dispatcher.records()[0]?.leases).toHaveLength(1);
	});

	it("end no sooner than their sessions were told, though the clock goes back and an answer is lost", () => {
		dispatcher.nodes.joined(joined("a"));
		const told = granted("s1");
		now -= 60_000;
		expect(dispatcher.renew(told)?.expiresAt).toBe(told.expiresAt);
		now = told.expiresAt - 1;
		dispatcher.acquire(request("s2"));
		expect(dispatcher.pool.ledger.lease("default/s1")).toMatchObject({ id: told.id });
	});

	it("of an old incarnation are void and hold nothing", () => {
		dispatcher.nodes.joined(joined("a"));
		const old = granted("s1");
		dispatcher.nodes.joined(joined("a", { incarnation: 2, uid: "another" }));
		expect(dispatcher.renew(old)).toBeUndefined();
		expect(granted("s1")).toMatchObject({ incarnation: 2 });
		expect(dispatcher.records()[0]?.allocated.slots).toBe(1);
	});

	it("of a late release do not take the session's newer lease away", () => {
		dispatcher.nodes.joined(joined("a"));
		const old = granted("s1");
		dispatcher.release({ session: old.session, lease: old.id });
		const newer = granted("s1");
		dispatcher.release({ session: old.session, lease: old.id });
		expect(dispatcher.records()[0]?.leases).toEqual([newer]);
	});
});

describe("nodes", () => {
	it("that left get nothing new but keep their leases until they are back", () => {
		dispatcher.nodes.joined(joined("a", { capacity: { cpu: 2, memory: 1_000, slots: 10 } }));
		const lease = granted("s1");
		dispatcher.nodes.left("a", 1);
		expect(dispatcher.acquire(request("s2"))).toEqual({ state: "queued", message: "0/1 nodes are available: 1 node(s) were not ready." });
		expect(dispatcher.records()[0]?.leases).toEqual([lease]);
		dispatcher.nodes.joined(joined("a", { capacity: { cpu: 2, memory: 1_000, slots: 10 } }));
		expect(dispatcher.pool.untold().map(({ session }) => session)).toEqual(["default/s2"]);
	});

	it("are not taken for gone by word of an old incarnation", () => {
		dispatcher.nodes.joined(joined("a", { incarnation: 2 }));
		dispatcher.nodes.left("a", 1);
		expect(dispatcher.records()[0]?.ready).toBe(true);
	});

	it("that are deleted take their leases with them", () => {
		dispatcher.nodes.joined(joined("a"));
		const lease = granted("s1");
		expect(dispatcher.nodes.remove("a")).toBe(true);
		expect(dispatcher.nodes.remove("a")).toBe(false);
		expect(dispatcher.renew(lease)).toBeUndefined();
	});

	it("that are lost lose their leases, and come back under the next incarnation", () => {
		dispatcher.nodes.joined(joined("a"));
		const lease = granted("s1");
		dispatcher.nodes.left("a", 1);
		dispatcher.nodes.lost("a", 1, 2);
		expect(dispatcher.nodes.takeRevoked()).toEqual([lease]);
		expect(dispatcher.nodes.takeRevoked()).toEqual([]);
		expect(dispatcher.records()).toMatchObject([{ state: "Unknown", reason: "NodeLost", incarnation: 2, leases: [] }]);
		dispatcher.nodes.joined(joined("a"));
		expect(dispatcher.records()).toMatchObject([{ ready: false }]);
		dispatcher.nodes.joined(joined("a", { incarnation: 2 }));
		expect(granted("s1")).toMatchObject({ node: "a", incarnation: 2 });
	});

	it("keep what people said of them when their machine comes back", () => {
		const taints = [{ key: "gpu", effect: "NoSchedule" as const }];
		dispatcher.nodes.joined(joined("a", { taints, labels: { zone: "a" } }));
		const node = ledger.node("a");
		if (!node) throw new Error("unreachable");
		dispatcher.pool.putNode({ ...node, taints: [], unschedulable: true, labels: { zone: "a", team: "b" } });
		dispatcher.nodes.joined(joined("a", { taints, labels: { zone: "c" } }));
		expect(ledger.node("a")).toMatchObject({ taints: [], unschedulable: true, labels: { zone: "c", team: "b" } });
	});
});

describe("a request", () => {
	it("that is larger than any node is refused at once, with the numbers", () => {
		dispatcher.nodes.joined(joined("a"));
		const reply = dispatcher.acquire(request("s1", 64));
		expect(reply).toMatchObject({ state: "refused", message: expect.stringMatching(/64/) });
		expect(ledger.queueLength()).toBe(0);
	});

	it("that is asked again is answered again, and moves nobody", () => {
		dispatcher.nodes.joined(joined("a"));
		granted("s1");
		expect(dispatcher.acquire(request("s2"))).toMatchObject({ state: "queued" });
		const before = [...ledger.queue()];
		expect(dispatcher.acquire(request("s2"))).toMatchObject({ state: "queued", message: expect.stringContaining("1 Insufficient cpu") });
		expect([...ledger.queue()][0]).toBe(before[0]);
		// What it asks for may have become less.
		expect(dispatcher.acquire(request("s2", 0))).toMatchObject({ state: "granted" });
	});

	it("waits when there is no node at all", () => {
		expect(dispatcher.acquire(request("s1", 64))).toMatchObject({ state: "queued" });
	});

	it("of higher priority has room made for it, which nobody of lower priority takes", () => {
		dispatcher.nodes.joined(joined("a"));
		const low = granted("low");
		expect(dispatcher.acquire(request("high", 1, { priority: 100 }))).toMatchObject({ state: "queued" });
		expect(dispatcher.pool.recalls()).toMatchObject([{ session: "default/low", recall: { told: false } }]);
		dispatcher.recallTold(low);
		dispatcher.acquire(request("middle", 1, { priority: 0 }));
		dispatcher.dispatch();
		expect(dispatcher.pool.recalls()).toEqual([]);
		dispatcher.release({ session: low.session, lease: low.id });
		expect(dispatcher.pool.untold().map(({ session }) => session)).toEqual(["default/high"]);
	});

	it("leaves an account of its decision, which stays when the lease is given back", () => {
		dispatcher.nodes.joined(joined("a"));
		dispatcher.nodes.joined(joined("b", { labels: { disk: "ssd" } }));
		const lease = granted("s1", 0.5);
		dispatcher.release({ session: lease.session, lease: lease.id });
		expect(dispatcher.decision(lease.session)).toMatchObject({ node: lease.node, evaluated: 2, feasible: 2 });
		dispatcher.release({ session: lease.session, forget: true });
		expect(dispatcher.decision(lease.session)).toBeUndefined();
	});
});

const AMOUNTS = { cpu: "1", memory: "1Ki", pods: "1" };
const STATUS = {
	...{ conditions: [], capacity: AMOUNTS, allocatable: AMOUNTS, allocated: AMOUNTS, sessions: [] },
	nodeInfo: { kubeletVersion: "1", operatingSystem: "linux", architecture: "amd64" },
};

describe("containers", () => {
	const capacity = { cpu: 1, memory: 1_000, slots: 4 };
	const settings = { max: 2, min: 0, sleepAfterMs: 60_000, keepUnsavedForMs: 3_600_000, capacity, labels: {}, taints: [] };
	const container = (name: string, incarnation = 1) => joined(name, { source: "container", incarnation, capacity });

	/** The dispatcher's orders are told, and the containers that were ordered come. */
	function carryOut(): string[] {
		return dispatcher.pool.orders().map(({ name, order }) => {
			const kind = order?.kind ?? "start";
			dispatcher.containers.ordered(name, kind);
			if (kind === "start") dispatcher.nodes.joined(container(name));
			else dispatcher.nodes.replaced(name, 1);
			return `${kind} ${name}`;
		});
	}

	beforeEach(() => {
		dispatcher = boot(settings);
	});

	it("are started for who waits, as many as are needed and no more than there may be", () => {
		expect(dispatcher.acquire(request("s1", 0.6))).toMatchObject({
			state: "queued",
			message: expect.stringMatching(/1 container is being started\.$/),
			passing: true,
		});
		expect(dispatcher.acquire(request("s2", 0.4))).toMatchObject({ state: "queued" });
		expect(dispatcher.pool.orders()).toHaveLength(1);
		dispatcher.acquire(request("s3", 1));
		dispatcher.acquire(request("s4", 1));
		expect(dispatcher.pool.orders()).toHaveLength(2);
		carryOut();
		expect(
			dispatcher.pool
				.untold()
				.map(({ session }) => session)
				.sort(),
		).toEqual(["default/s1", "default/s2", "default/s3"]);
		// Not a reason that passes.
		expect(dispatcher.acquire(request("s4", 1))).toEqual({
			state: "queued",
			message: expect.stringMatching(/as many containers as it may have \(2\)\.$/),
		});
	});

	it("that come take who waits at once, though their taints still say that they are not ready", () => {
		dispatcher.acquire(request("s1"));
		const [{ name } = { name: "" }] = dispatcher.pool.orders();
		const taints = [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" as const }];
		dispatcher.nodeChanged({
			...{ apiVersion: "v1", kind: "Node", metadata: { name, uid: name, resourceVersion: "1", creationTimestamp: "" } },
			...{ spec: { taints }, status: nodeStatusSchema.parse(STATUS) },
		});
		carryOut();
		expect(dispatcher.pool.untold()).toMatchObject([{ session: "default/s1", node: name }]);
		expect(dispatcher.pool.orders()).toEqual([]);
	});

	it("that are idle are stopped after a while, and then nothing is due any more", () => {
		dispatcher.acquire(request("s1"));
		carryOut();
		dispatcher.told(granted("s1"));
		giveBack("s1");
		expect(dispatcher.dueAt()).toBe(now + settings.sleepAfterMs);
		now += settings.sleepAfterMs;
		dispatcher.tick();
		expect(carryOut()).toMatchObject([expect.stringMatching(/^stop /)]);
		expect([dispatcher.records(), dispatcher.dueAt()]).toEqual([[], undefined]);
	});

	it("are not fewer than the least, although one of those that are idle is still stopping", () => {
		dispatcher = boot({ ...settings, min: 1 });
		for (const session of ["s1", "s2"]) dispatcher.acquire(request(session));
		carryOut();
		for (const session of ["s1", "s2"]) giveBack(session);
		now += settings.sleepAfterMs;
		dispatcher.tick();
		const [stopping] = dispatcher.pool.orders();
		dispatcher.containers.ordered(stopping?.name ?? "", "stop");
		// Only the look whether it has stopped.
		expect(dispatcher.dueAt()).toBe(now + 600_000);
		dispatcher.tick();
		expect(dispatcher.records().filter(({ ready }) => ready)).toHaveLength(1);
		// What is on its way out takes nobody who waits.
		dispatcher.acquire(request("s3"));
		dispatcher.acquire(request("s4"));
		expect(dispatcher.records().filter(({ reason }) => reason === "ContainerStarting")).toHaveLength(0);
		dispatcher.nodes.replaced(stopping?.name ?? "", 1);
		expect(dispatcher.records().filter(({ reason }) => reason === "ContainerStarting")).toHaveLength(1);
	});

	it("are idle from when the last lease lapsed, also when its session is placed elsewhere", () => {
		const [first] = ["s1"].map((session) => dispatcher.acquire(request(session)));
		expect(first).toMatchObject({ state: "queued" });
		carryOut();
		dispatcher.nodes.joined(joined("elsewhere", { labels: { here: "no" } }));
		now += LEASE_MS;
		expect(dispatcher.acquire(request("s1", 1, { nodeSelector: { here: "no" } }))).toMatchObject({ state: "granted" });
		expect(dispatcher.records().find(({ source }) => source === "container")?.idleSince).toBe(now);
	});

	it("have been idle all the while when their connection was opened anew", () => {
		dispatcher.acquire(request("s1"));
		carryOut();
		giveBack("s1");
		const since = now;
		now += settings.sleepAfterMs - 1;
		const [{ name } = { name: "" }] = dispatcher.records();
		dispatcher.nodes.joined(container(name));
		expect(dispatcher.dueAt()).toBe(since + settings.sleepAfterMs);
	});

	it("serve one namespace to their end: an idle one of another goes when there may be no more", () => {
		const other = { namespace: "other", session: "other/s9" };
		for (const session of ["s1", "s2"]) dispatcher.acquire(request(session));
		carryOut();
		for (const session of ["s1", "s2"]) giveBack(session);
		expect(dispatcher.acquire(request("s9", 1, other))).toMatchObject({ state: "queued" });
		expect(carryOut()).toEqual([expect.stringMatching(/^stop /)]);
		expect(carryOut()).toEqual([expect.stringMatching(/^start /)]);
		expect(dispatcher.pool.untold().map(({ session }) => session)).toEqual(["other/s9"]);
	});

	it("that could not be started are tried under another name, later each time until one comes", () => {
		dispatcher.acquire(request("s1"));
		const names = new Set<string>();
		const waits: number[] = [];
		for (let failure = 0; failure < 4; failure++) {
			const [ordered] = dispatcher.pool.orders();
			names.add(ordered?.name ?? "");
			dispatcher.containerFailed(ordered?.name ?? "", { message: "There is no instance.", final: false });
			expect(dispatcher.pool.orders()).toEqual([]);
			expect(dispatcher.acquire(request("s1"))).toMatchObject({
				message: expect.stringMatching(/No container could be started: There is no instance\./),
			});
			const due = dispatcher.dueAt() ?? 0;
			waits.push(due - now);
			now = due;
			dispatcher.tick();
		}
		expect([names.size, waits]).toEqual([4, [2_000, 4_000, 8_000, 16_000]]);
		carryOut();
		expect(granted("s1")).toBeDefined();
		expect(dispatcher.containers.note(now)).toBeUndefined();
	});

	it("whose sessions fit elsewhere are emptied at the boundaries of calls, and then stopped", () => {
		for (const [session, cpu] of [
			["s1", 0.9],
			["s2", 0.9],
			["s3", 0.1],
		] as const)
			dispatcher.acquire(request(session, cpu));
		carryOut();
		for (const session of ["s1", "s2", "s3"]) granted(session, session === "s3" ? 0.1 : 0.9);
		const small = granted("s3", 0.1);
		const big = ["s1", "s2"].map((session) => granted(session, 0.9)).find(({ node }) => node === small.node);
		dispatcher.release({ session: big?.session ?? "", ...(big && { lease: big.id }) });
		now += settings.sleepAfterMs;
		dispatcher.tick();
		expect(dispatcher.pool.recalls()).toMatchObject([{ session: "default/s3" }]);
		dispatcher.release({ session: small.session, lease: small.id });
		expect(granted("s3", 0.1).node).not.toBe(small.node);
		expect(carryOut()).toEqual([`stop ${small.node}`]);
	});
});
