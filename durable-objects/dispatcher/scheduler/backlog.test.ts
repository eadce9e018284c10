import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { Backlog } from "./backlog.ts";
import { NodeChanges } from "./node-changes.ts";
import { Pass } from "./pass.ts";
import { drain } from "./queue.ts";
import { node, pool, request } from "./test-pool.ts";
import { STARVING_MS, type Waiting } from "./waiting.ts";

const CAPACITY = { cpu: 8, memory: 8, slots: 5 };
const NODES = ["a", "b", "c"];

/** A pool, those who wait for it, and the passes over them: with a memory of what was looked at, or without. */
class World {
	readonly scheduler = pool(NODES.map((name) => this.#node(name)));
	readonly placed: { session: string; node: string }[] = [];
	readonly #loosened = new NodeChanges<string>();
	readonly #backlog = new Backlog(this.scheduler);
	readonly #waiting = new Map<string, Waiting>();
	readonly #remembers: boolean;
	now = 0;

	constructor(remembers: boolean) {
		this.#remembers = remembers;
	}

	arrive(asked: LeaseRequest): void {
		const waiting = { request: asked, since: this.now };
		this.#waiting.set(asked.session, waiting);
		this.#backlog.put(waiting);
	}

	giveUp(which: number): void {
		const session = [...this.#waiting.keys()][which % this.#waiting.size];
		if (session === undefined) return;
		this.#waiting.delete(session);
		this.#backlog.delete(session);
	}

	finish(which: number): void {
		const [done] = this.placed.length > 0 ? this.placed.splice(which % this.placed.length, 1) : [];
		if (!done) return;
		this.scheduler.unplace(done.session);
		this.#loosened.add(done.node);
	}

	set(name: string, part: { unschedulable: boolean; zone: string }): void {
		this.scheduler.setNode(this.#node(name, part));
		this.#loosened.add(name);
	}

	remove(name: string): void {
		this.scheduler.removeNode(name);
		this.#backlog.nodeGone(name);
		for (const { session, node: there } of this.placed.splice(0)) if (there !== name) this.placed.push({ session, node: there });
	}

	pass(): string[] {
		const grants = this.#remembers ? this.#remembered() : drain(this.scheduler, [...this.#waiting.values()], this.now).grants;
		for (const { request: each, node: at } of grants) {
			this.#waiting.delete(each.session);
			this.#backlog.delete(each.session);
			this.placed.push({ session: each.session, node: at });
		}
		return grants.map(({ request: each, node: at }) => `${each.session} ${at}`);
	}

	#remembered() {
		const pass = new Pass<Waiting>(this.scheduler, this.now, this.#backlog.opened(this.#loosened));
		pass.run(this.#backlog.groups());
		return pass.grants;
	}

	#node(name: string, { unschedulable, zone } = { unschedulable: false, zone: "z" }) {
		return node(name, { capacity: CAPACITY, unschedulable, labels: { zone } });
	}
}

const apart = {
	sessionAntiAffinity: {
		requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: { matchLabels: { app: "db" } } }],
	},
};
const near = {
	sessionAffinity: {
		requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: { matchLabels: { app: "web" } } }],
	},
};

const asked = fc.record({
	namespace: fc.constantFrom("x", "y"),
	cpu: fc.integer({ min: 1, max: 8 }),
	memory: fc.integer({ min: 1, max: 8 }),
	more: fc.constantFrom<Partial<LeaseRequest>>(
		...[{}, {}, {}, {}, { priority: 1 }, { isolation: "namespace" as const }, { isolation: "session" as const }],
		...[{ nodeSelector: { zone: "y" } }, { labels: { app: "db" }, affinity: apart }, { labels: { app: "web" } }, { affinity: near }],
		{ workspaceNode: "b", workspaceBound: true },
	),
});
const step = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("arrive" as const), asked: fc.array(asked, { minLength: 1, maxLength: 4 }) }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("finish" as const), which: fc.nat(20) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("give up" as const), which: fc.nat(20) }) },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant("set" as const),
			name: fc.constantFrom(...NODES),
			unschedulable: fc.boolean(),
			zone: fc.constantFrom("y", "z"),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), name: fc.constantFrom(...NODES) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, STARVING_MS) }) },
);

describe("a backlog", () => {
	it("of which most is left asleep is served as if everybody were looked at each time", () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const [world, naive] = [new World(true), new World(false)];
				for (const [n, each] of steps.entries()) {
					for (const one of [world, naive]) {
						if (each.do === "arrive")
							for (const [i, { namespace, cpu, memory, more }] of each.asked.entries())
								one.arrive(request(`${namespace}/${n}-${i}`, { requests: { cpu, memory }, ...more }));
						else if (each.do === "finish") one.finish(each.which);
						else if (each.do === "give up") one.giveUp(each.which);
						else if (each.do === "set") one.set(each.name, each);
						else if (each.do === "remove") one.remove(each.name);
						else one.now += each.ms;
					}
					expect(world.pass()).toEqual(naive.pass());
				}
			}),
			{ numRuns: 400 },
		);
	});

	it("puts to sleep whoever fits nowhere, and looks at them again when there is room for them", () => {
		const scheduler = pool([node("n", { capacity: CAPACITY })], { n: [request("x", { requests: { cpu: 6, memory: 1 } })] });
		const [small, large] = [3, 8].map((cpu) => ({ request: request(`c${cpu}`, { requests: { cpu, memory: 1 } }), since: 0 }));
		if (!small || !large) throw new Error("there are two");
		const backlog = new Backlog(scheduler, [small, large]);
		const loosened = new NodeChanges<string>();
		const pass = () => {
			const one = new Pass<Waiting>(scheduler, 0, backlog.opened(loosened));
			one.run(backlog.groups());
			return one.grants.map(({ request: { session } }) => session);
		};
		expect(pass()).toEqual([]);
		expect([...backlog.groups()].map(({ asleep }) => asleep)).toEqual([true, true]);
		scheduler.unplace("default/x");
		// Nobody has said so.
		expect(pass()).toEqual([]);
		loosened.add("n");
		expect(pass()).toEqual(["default/c8"]);
	});

	it("looks again at whoever there was room for while every node was kept for somebody who starved", () => {
		const world = new World(true);
		const arrive = (name: string, memory: number, more: Partial<LeaseRequest> = {}) =>
			world.arrive(request(name, { requests: { cpu: 1, memory }, ...more }));
		// They fill the nodes: 8 on two of them, 5 and 3 on the third.
		for (const [name, memory] of [
			["f1", 8],
			["f2", 8],
			["f3", 5],
			["f4", 3],
		] as const)
			arrive(name, memory);
		world.pass();
		const on = (session: string) => world.placed.find((one) => one.session === `default/${session}`)?.node;
		const finish = (session: string) => world.finish(world.placed.findIndex((one) => one.session === `default/${session}`));
		expect(on("f3")).toBe(on("f4"));
		arrive("starved", 8);
		arrive("nowhere", 3, { nodeSelector: { zone: "y" } });
		arrive("bound", 2, { workspaceNode: on("f3"), workspaceBound: true });
		expect(world.pass()).toEqual([]);
		world.now += STARVING_MS;
		const kept = on("f3");
		finish("f4");
		expect(world.pass()).toEqual([]);
		const freed = on("f1");
		finish("f1");
		expect(world.pass()).toEqual([`default/starved ${freed}`, `default/bound ${kept}`]);
	});

	it("tells those apart that a term of somebody who comes tells apart", () => {
		const scheduler = pool([node("n")]);
		const waiting = ["db", "web"].map((app, since) => ({ request: request(app, { labels: { app } }), since }));
		const backlog = new Backlog<Waiting>(scheduler, waiting);
		expect([...backlog.groups()]).toHaveLength(1);
		backlog.put({ request: request("new", { affinity: apart }), since: 2 });
		expect([...backlog.groups()].map((group) => group.waiting.length)).toEqual([1, 1, 1]);
	});
});

describe("of those that came in the same moment", () => {
	it("the largest are placed first, and an older one before all of them", () => {
		const scheduler = pool([node("n"), node("m")]);
		const need = (name: string, cpu: number, since: number) => ({ request: request(name, { requests: { cpu, memory: 1 } }), since });
		const waiting = [need("a", 0.5, 5), need("b", 3, 5), need("c", 1.5, 5), need("d", 0.1, 4)];
		const { grants } = drain(scheduler, waiting, 10);
		expect(grants.map(({ request: { session } }) => session)).toEqual(["default/d", "default/b", "default/c", "default/a"]);
	});
});
