import { describe, expect, it } from "vitest";
import type { Dispatcher } from "./dispatcher.ts";
import { Invariants } from "./invariants.ts";
import { granted, joined, request, testDispatcher } from "./test-dispatcher.ts";

const capacity = { cpu: 1, memory: 1_000, slots: 4 };
const SETTINGS = { max: 3, min: 0, sleepAfterMs: 60_000, keepUnsavedForMs: 3_600_000, capacity, labels: {}, taints: [] };
const OVERDUE_MS = 600_000;

/** Orders are taken by the nodes' objects, and nothing more happens. */
function take(dispatcher: Dispatcher): string[] {
	return dispatcher.pool.orders().map(({ name, order }) => {
		dispatcher.containers.ordered(name, order?.kind ?? "start");
		return `${order?.kind} ${name}`;
	});
}

/** A container that was started for a session, and on which that has its lease. */
function inUse() {
	const world = testDispatcher(SETTINGS);
	const { dispatcher } = world;
	dispatcher.acquire(request("s1"));
	take(dispatcher);
	const [{ name } = { name: "" }] = dispatcher.records();
	dispatcher.nodes.joined(joined(name, { source: "container", capacity }));
	return { ...world, name, lease: granted(dispatcher, request("s1")) };
}

describe("a container of which nothing was heard since its order", () => {
	it("is ordered to start again after ten minutes, and ten minutes after that", () => {
		const { dispatcher, clock } = testDispatcher(SETTINGS);
		dispatcher.acquire(request("s1"));
		const started = take(dispatcher);
		for (let round = 0; round < 2; round++) {
			const due = clock.now + OVERDUE_MS;
			expect(dispatcher.dueAt()).toBe(due);
			clock.now = due - 1;
			dispatcher.tick();
			expect(take(dispatcher)).toEqual([]);
			clock.now = due;
			dispatcher.tick();
			expect(take(dispatcher)).toEqual(started);
		}
	});

	it("is ordered to stop again when it was to stop", () => {
		const { dispatcher, clock } = testDispatcher(SETTINGS);
		dispatcher.acquire(request("s1"));
		take(dispatcher);
		const [{ name } = { name: "" }] = dispatcher.records();
		dispatcher.nodes.joined(joined(name, { source: "container", capacity }));
		const lease = granted(dispatcher, request("s1"));
		dispatcher.release({ session: lease.session, lease: lease.id });
		clock.now += SETTINGS.sleepAfterMs;
		dispatcher.tick();
		expect(take(dispatcher)).toEqual([`stop ${name}`]);
		clock.now += OVERDUE_MS;
		dispatcher.tick();
		expect(take(dispatcher)).toEqual([`stop ${name}`]);
	});
});

describe("containers that are being started", () => {
	/** A container older than ten minutes, with a session on it. */
	function old() {
		const { name, lease, ...world } = inUse();
		const { dispatcher, clock } = world;
		clock.now += OVERDUE_MS + 1;
		const violated = () => {
			const { ledger } = dispatcher.pool;
			const invariants = new Invariants({ ledger, pool: dispatcher.pool, now: () => clock.now, report: () => undefined });
			invariants.look();
			return invariants.open().map(({ key }) => key);
		};
		return { ...world, name, lease: dispatcher.renew(lease) ?? granted(dispatcher, request("s1")), violated };
	}

	it("are four at once, however many wait", () => {
		const { dispatcher } = testDispatcher({ ...SETTINGS, max: 10 });
		for (let n = 0; n < 10; n++) dispatcher.acquire(request(`s${n}`));
		expect(take(dispatcher)).toHaveLength(4);
		dispatcher.tick();
		expect(take(dispatcher)).toEqual([]);
		const [{ name } = { name: "" }] = dispatcher.records();
		dispatcher.nodes.joined(joined(name, { source: "container", capacity }));
		expect(take(dispatcher)).toHaveLength(1);
	});

	it("are reported when they have been for ten minutes, though they were ordered again meanwhile", () => {
		const { dispatcher, clock, violated, name } = old();
		dispatcher.acquire(request("s2"));
		const started = take(dispatcher)[0]?.slice("start ".length);
		clock.now += OVERDUE_MS - 1;
		expect(violated()).toEqual([]);
		clock.now += 1;
		dispatcher.tick();
		expect(take(dispatcher)).toEqual([`start ${started}`]);
		expect([violated(), started === name]).toEqual([[`starting/${started}`], false]);
	});

	it("are not those whose connection is gone, however old they are: another one starts, and nobody is told that it is them", () => {
		const { dispatcher, name, violated } = old();
		dispatcher.nodes.left(name, 1);
		expect(violated()).toEqual([]);
		expect(dispatcher.containers.note(0)).toBeUndefined();
		for (const session of ["s2", "s3"]) dispatcher.acquire(request(session));
		expect(take(dispatcher)).toHaveLength(2);
		expect(dispatcher.acquire(request("s2"))).toMatchObject({ message: expect.stringMatching(/ 2 containers are being started\.$/) });
	});

	it("are not those that are being stopped", () => {
		const { dispatcher, clock, lease, name, violated } = old();
		dispatcher.release({ session: lease.session, lease: lease.id });
		clock.now += SETTINGS.sleepAfterMs;
		dispatcher.tick();
		expect([take(dispatcher), violated(), dispatcher.containers.isStarting()]).toEqual([[`stop ${name}`], [], false]);
	});

	it("are those that fell silent for good once they were ordered again: ten minutes after that they are reported", () => {
		const { dispatcher, clock, name, violated } = old();
		dispatcher.nodes.left(name, 1);
		clock.now += OVERDUE_MS;
		dispatcher.tick();
		expect([take(dispatcher), violated()]).toEqual([[`start ${name}`], []]);
		clock.now += OVERDUE_MS;
		dispatcher.tick();
		expect([take(dispatcher), violated()]).toEqual([[`start ${name}`], [`starting/${name}`]]);
	});
});

describe("containers that could not be started", () => {
	const fail = (dispatcher: Dispatcher) => {
		for (const { name } of dispatcher.pool.orders()) dispatcher.containerFailed(name, { message: "There is no instance.", final: false });
	};
	const message = (dispatcher: Dispatcher, session: string) => {
		const reply = dispatcher.acquire(request(session));
		return reply.state === "queued" ? reply.message : reply.state;
	};

	it("are tried again two seconds later, however many of them were under way", () => {
		const { dispatcher, clock } = testDispatcher({ ...SETTINGS, max: 10 });
		for (let n = 0; n < 4; n++) dispatcher.acquire(request(`s${n}`));
		fail(dispatcher);
		expect(dispatcher.dueAt()).toBe(clock.now + 2_000);
		clock.now += 2_000;
		dispatcher.tick();
		expect(dispatcher.pool.orders()).toHaveLength(4);
	});

	it("are nothing to who comes when one may be started again, and something to who has waited since before", () => {
		const { dispatcher, clock } = testDispatcher(SETTINGS);
		dispatcher.acquire(request("s1"));
		fail(dispatcher);
		clock.now += 1_999;
		expect(message(dispatcher, "s2")).toMatch(/ No container could be started: There is no instance\. It is tried again at /);
		clock.now += 1;
		dispatcher.tick();
		expect(message(dispatcher, "s1")).toMatch(/ No container could be started: There is no instance\. 2 containers are being started\.$/);
		expect(message(dispatcher, "s3")).toMatch(/^0\/3 nodes are available: [^.]*\. 3 containers are being started\.$/);
	});

	it("say the end of a long log, too, to those who wait", () => {
		const { dispatcher } = testDispatcher(SETTINGS);
		dispatcher.acquire(request("s1"));
		for (const { name } of dispatcher.pool.orders())
			dispatcher.containerFailed(name, { message: `It ended. ${"x".repeat(5_000)} No space left on device.`, final: false });
		expect(message(dispatcher, "s1")).toMatch(/started: It ended\. x+…x+ No space left on device\. It is tried again/);
		expect(message(dispatcher, "s1").length).toBeLessThan(1_300);
	});
});

describe("a pool that shrinks", () => {
	/** Two containers, the second with one small session that would fit onto the first. */
	function spread() {
		const world = testDispatcher(SETTINGS);
		const { dispatcher } = world;
		for (const [session, cpu] of [
			["big", 0.8],
			["filler", 0.2],
			["small", 0.1],
		] as const)
			dispatcher.acquire(request(session, cpu));
		take(dispatcher);
		for (const { name } of dispatcher.records()) dispatcher.nodes.joined(joined(name, { source: "container", capacity }));
		const [, filler, small] = [
			granted(dispatcher, request("big", 0.8)),
			granted(dispatcher, request("filler", 0.2)),
			granted(dispatcher, request("small", 0.1)),
		];
		dispatcher.release({ session: filler.session, lease: filler.id });
		return { ...world, small };
	}

	it("wants the lease back of a session that fits elsewhere", () => {
		const { dispatcher, clock } = spread();
		clock.now += SETTINGS.sleepAfterMs;
		dispatcher.tick();
		expect(dispatcher.pool.recalls()).toMatchObject([{ session: "default/small" }]);
	});

	it("leaves a session where it is whose files are nowhere else since it was placed", () => {
		const { dispatcher, clock, small, restart } = spread();
		dispatcher.renew(small, { workspaceBound: true });
		// A renewal that says nothing of it changes nothing of it.
		dispatcher.renew(small);
		const later = restart();
		clock.now += SETTINGS.sleepAfterMs;
		later.tick();
		expect(later.pool.recalls()).toEqual([]);
		later.renew(small, { workspaceBound: false });
		clock.now += SETTINGS.sleepAfterMs;
		later.tick();
		expect(later.pool.recalls()).toMatchObject([{ session: "default/small" }]);
	});
});

describe("files that are in no checkpoint", () => {
	/** A container that has stood idle for long enough, with files of a session that is asleep. */
	function asleep() {
		const { name, lease, ...world } = inUse();
		const { dispatcher, clock } = world;
		const { session, id } = lease;
		dispatcher.release({ session, lease: id, bound: name });
		clock.now += SETTINGS.sleepAfterMs;
		return { ...world, name, session };
	}
	const ordered = (dispatcher: Dispatcher) => {
		dispatcher.tick();
		return take(dispatcher);
	};

	it("keep an idle container, also after a restart", () => {
		const { dispatcher, restart } = asleep();
		expect(ordered(dispatcher)).toEqual([]);
		expect(ordered(restart())).toEqual([]);
	});

	it("keep it for their time after its last lease and no longer: it goes, and their session is to be told", () => {
		const { dispatcher, clock, name, session, restart } = asleep();
		const due = clock.now - SETTINGS.sleepAfterMs + SETTINGS.keepUnsavedForMs;
		expect([dispatcher.dueAt(), restart().dueAt()]).toEqual([due, due]);
		clock.now = due - 1;
		expect(ordered(dispatcher)).toEqual([]);
		clock.now = due;
		expect(ordered(dispatcher)).toEqual([`stop ${name}`]);
		expect(dispatcher.events.take().at(-1)?.message).toMatch(/Files of 1 session that are in no checkpoint go with it\.$/);
		dispatcher.nodes.replaced(name, 1);
		expect(dispatcher.nodes.takeBereft()).toEqual([{ session, node: name }]);
	});

	it.each([
		["are given up, or in a checkpoint", {}],
		["are of a session that is deleted", { forget: true }],
	])("let it go when they %s", (_, given) => {
		const { dispatcher, name, session } = asleep();
		dispatcher.release({ session, ...given });
		expect(ordered(dispatcher)).toEqual([`stop ${name}`]);
	});

	it("are lost with their container, and their session is to be told, once", () => {
		const { dispatcher, name, session } = asleep();
		dispatcher.nodes.replaced(name, 1);
		expect(dispatcher.nodes.takeBereft()).toEqual([{ session, node: name }]);
		expect([dispatcher.nodes.takeBereft(), dispatcher.nodes.hasVictims()]).toEqual([[], false]);
		expect(dispatcher.pool.filesOn(name)).toEqual([]);
	});

	it("keep a container whose lease lapsed", () => {
		const { dispatcher, clock, name } = asleep();
		granted(dispatcher, request("s1", 1, { workspaceNode: name, workspaceBound: true }));
		clock.now += 400_000;
		expect(ordered(dispatcher)).toEqual([]);
		clock.now += SETTINGS.sleepAfterMs;
		expect(ordered(dispatcher)).toEqual([]);
	});

	it("keep nothing when their session is placed again and has them in a checkpoint", () => {
		const { dispatcher, clock, name } = asleep();
		const { session, id } = granted(dispatcher, request("s1"));
		dispatcher.release({ session, lease: id });
		clock.now += SETTINGS.sleepAfterMs;
		expect(ordered(dispatcher)).toEqual([`stop ${name}`]);
	});

	it("keep a container that was to be emptied, for new sessions, too", () => {
		const { dispatcher, clock, name } = asleep();
		dispatcher.acquire(request("s2", 0.1));
		const node = dispatcher.pool.ledger.node(name);
		if (!node) throw new Error("the container is gone");
		dispatcher.pool.putNode({ ...node, retiring: true });
		const lease = granted(dispatcher, request("s2", 0.1));
		dispatcher.release({ session: lease.session, lease: lease.id, bound: name });
		clock.now += SETTINGS.sleepAfterMs;
		expect(ordered(dispatcher)).toEqual([]);
		expect(dispatcher.acquire(request("s3", 0.1))).toMatchObject({ state: "granted", lease: { node: name } });
	});
});

describe("a tenant whose files fill the pool", () => {
	/** Every container there may be has files of one namespace that are in no checkpoint, and is idle from here on. */
	function pinned() {
		const world = testDispatcher({ ...SETTINGS, max: 2 });
		const { dispatcher, clock } = world;
		const own = (name: string) => ({ ...request(name), session: `a/${name}`, namespace: "a" });
		for (const name of ["1", "2"]) dispatcher.acquire(own(name));
		take(dispatcher);
		for (const { name } of dispatcher.records()) dispatcher.nodes.joined(joined(name, { source: "container", capacity }));
		for (const name of ["1", "2"]) {
			const { session, id, node } = granted(dispatcher, own(name));
			dispatcher.release({ session, lease: id, bound: node });
			clock.now += 1;
		}
		return { ...world, names: dispatcher.records().map(({ name }) => name) };
	}
	const other = { ...request("b"), session: "b/b", namespace: "b" };

	it("keeps another out for as long as an idle container is kept, and one goes for it then", () => {
		const { dispatcher, clock, names } = pinned();
		expect(dispatcher.acquire(other)).toMatchObject({ state: "queued" });
		expect(take(dispatcher)).toEqual([]);
		clock.now = dispatcher.dueAt() ?? 0;
		dispatcher.tick();
		const [stopped, ...more] = take(dispatcher);
		expect([names.map((name) => `stop ${name}`), more]).toEqual([expect.arrayContaining([stopped]), []]);
		dispatcher.nodes.replaced(String(stopped).slice("stop ".length), 1);
		const [started] = dispatcher.records().filter(({ ready }) => !ready);
		if (!started) throw new Error("no container is started");
		dispatcher.nodes.joined(joined(started.name, { source: "container", capacity }));
		expect(dispatcher.acquire(other)).toMatchObject({ state: "granted" });
	});

	it("keeps them while the one who waits would not fit a fresh container either", () => {
		const { dispatcher, clock } = pinned();
		dispatcher.acquire({ ...other, nodeSelector: { disk: "ssd" } });
		clock.now = dispatcher.dueAt() ?? 0;
		dispatcher.tick();
		expect(take(dispatcher)).toEqual([]);
		expect(dispatcher.dueAt()).toBeGreaterThan(clock.now);
	});

	it("keeps them when an idle container without files can go instead", () => {
		const { dispatcher, clock, names } = pinned();
		dispatcher.release({ session: "a/2" });
		clock.now += SETTINGS.sleepAfterMs - 2;
		const empty = names.find((name) => !dispatcher.pool.holdsFiles(name));
		dispatcher.acquire(other);
		expect(take(dispatcher)).toEqual([`stop ${empty}`]);
	});
});

it("a lease says which machine it is on, unless that is a container, whose disk goes with it", () => {
	const { dispatcher } = testDispatcher();
	dispatcher.nodes.joined(joined("n"));
	expect(granted(dispatcher, request("s"))).toMatchObject({ machine: "uid-n", bound: false });
	const other = testDispatcher().dispatcher;
	other.nodes.joined(joined("c", { source: "container" }));
	expect(granted(other, request("s"))).not.toHaveProperty("machine");
});
