import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { drain, order, STARVING_MS, type Waiting } from "./queue.ts";
import { GI, node, pool, request } from "./test-pool.ts";

const small = node("n", { capacity: { cpu: 2, memory: 8 * GI, slots: 10 } });
const need = (cpu: number, part: Partial<LeaseRequest> = {}) => ({ requests: { cpu, memory: GI }, ...part });

/** Each a millisecond younger than the one before. */
function queue(...requests: LeaseRequest[]): Waiting[] {
	return requests.map((each, since) => ({ request: each, since }));
}

function granted(grants: { request: LeaseRequest; node: string }[]): string[] {
	return grants.map(({ request: { session }, node: at }) => `${session} ${at}`);
}

describe("those who wait are served", () => {
	it("by priority, then the namespace with the smallest share, then the oldest", () => {
		const scheduler = pool([node("n")], { n: [request("rich/x", need(2))] });
		const waiting = queue(
			request("rich/a", need(0.1)),
			request("poor/b", need(0.1)),
			request("rich/c", need(0.1, { priority: 5 })),
			request("poor/d", need(0.1)),
		);
		const expected = ["rich/c", "poor/b", "poor/d", "rich/a"];
		expect(order(waiting, scheduler).map(({ request: { session } }) => session)).toEqual(expected);
		expect(drain(scheduler, waiting, 0).grants.map(({ request: { session } }) => session)).toEqual(expected);
	});

	/** Ghodsi et al., the example of their section 4.1: 9 cores and 18 GB; A asks for 1 core and 4 GB, B for 3 cores and 1 GB. */
	it("so that dominant shares are evened out as grants are made", () => {
		const scheduler = pool([node("n", { capacity: { cpu: 9, memory: 18 * GI, slots: 100 } })]);
		const a = Array.from({ length: 5 }, (_, i) => request(`a/${i}`, { requests: { cpu: 1, memory: 4 * GI } }));
		const b = Array.from({ length: 5 }, (_, i) => request(`b/${i}`, { requests: { cpu: 3, memory: GI } }));
		const { grants } = drain(scheduler, queue(...a, ...b), 0);
		const of = (namespace: string) => grants.filter(({ request: each }) => each.namespace === namespace).length;
		expect([of("a"), of("b")]).toEqual([3, 2]);
		expect([scheduler.dominantShare("a"), scheduler.dominantShare("b")]).toEqual([12 / 18, 6 / 9]);
	});

	it("by shares as they are when the higher priorities have been served", () => {
		const scheduler = pool([node("n", { capacity: { cpu: 4, memory: 8 * GI, slots: 10 } })]);
		const waiting = queue(request("a/low", need(2)), request("b/low", need(2)), request("a/high", need(2, { priority: 1 })));
		expect(granted(drain(scheduler, waiting, 0).grants)).toEqual(["a/high n", "b/low n"]);
	});

	it("each once, and are placed in the scheduler", () => {
		const scheduler = pool([small]);
		const { grants } = drain(scheduler, queue(request("a", need(1)), request("b", need(1)), request("c", need(1))), 0);
		expect(granted(grants)).toEqual(["default/a n", "default/b n"]);
		expect(scheduler.allocated("n")).toMatchObject({ cpu: 2, slots: 2 });
	});
});

describe("a request that does not fit yet", () => {
	const busy = () => pool([small, node("tiny", { capacity: { cpu: 1, memory: 8 * GI, slots: 10 } })], { n: [request("x", need(1))] });
	const big = request("big", need(2));
	const others = [1, 2, 3].map((n) => request(`small${n}`, need(0.5)));

	it("is passed by smaller ones", () => {
		expect(granted(drain(busy(), queue(big, ...others), 1_000).grants)).toEqual([
			"default/small1 n",
			"default/small2 n",
			"default/small3 tiny",
		]);
	});

	it("has the nodes that it could use kept for it once it starves", () => {
		expect(granted(drain(busy(), queue(big, ...others), STARVING_MS).grants)).toEqual(["default/small1 tiny", "default/small2 tiny"]);
	});

	it("does not hold up a higher priority when it starves", () => {
		const urgent = request("urgent", need(1, { priority: 1 }));
		const late = { ...big, session: "default/late" };
		const waiting = [...queue(late), { request: urgent, since: STARVING_MS }];
		expect(granted(drain(busy(), waiting, STARVING_MS).grants)).toEqual(["default/urgent n"]);
	});

	it("does not keep the workspace node of somebody else", () => {
		const scheduler = pool([small, node("m")], { n: [request("x", need(1))] });
		const bound = { ...big, workspaceNode: "n", workspaceBound: true };
		expect(granted(drain(scheduler, queue(bound, ...others), STARVING_MS).grants).map((each) => each.split(" ")[1])).toEqual([
			"m",
			"m",
			"m",
		]);
	});

	it.each<[string, Partial<LeaseRequest>]>([
		[
			"near a session that never comes",
			{
				affinity: {
					sessionAffinity: {
						requiredDuringSchedulingIgnoredDuringExecution: [
							{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "nobody" } } },
						],
					},
				},
			},
		],
		[
			"spread by a label that no node has",
			{ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "nowhere", whenUnsatisfiable: "DoNotSchedule", labelSelector: {} }] },
		],
	])("keeps no node when it starves because it must be %s", (_, part) => {
		const [wanting, plain] = [request("wanting", { ...need(1), ...part }), request("plain", need(2))];
		const scheduler = pool([node("n"), node("m")], { m: [request("x", need(3))] });
		expect(granted(drain(scheduler, queue(wanting, ...others), STARVING_MS).grants)).toHaveLength(3);
		// It does not stand in for those of its kind that could use one.
		const full = pool([small], { n: [request("x", need(1))] });
		expect(drain(full, queue(wanting, plain, ...others), STARVING_MS + 1).grants).toEqual([]);
	});

	it("may fit after a session came that it must be near to", () => {
		const near = {
			sessionAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: { matchLabels: { app: "db" } } }],
			},
		};
		const web = (name: string) => request(`a/${name}`, { requests: { cpu: 0.1, memory: 1 }, affinity: near });
		const waiting = [
			...[0, 1].map((since) => ({ request: web(`w${since}`), since })),
			{ request: request("a/db", { labels: { app: "db" } }), since: 2 },
			{ request: web("w3"), since: 3 },
		];
		const scheduler = pool([node("n", { labels: { zone: "z" } })]);
		expect(granted(drain(scheduler, waiting, 10).grants)).toEqual(["a/db n", "a/w3 n"]);
		expect(granted(drain(scheduler, waiting.slice(0, 2), 20).grants)).toEqual(["a/w0 n", "a/w1 n"]);
	});
});

describe("those who may take room from others", () => {
	it("are the ones of higher priority than somebody placed, whose policy lets them", () => {
		const scheduler = pool([small], { n: [request("x", need(2, { priority: 1 }))] });
		const waiting = queue(
			request("low", need(1)),
			request("same", need(1, { priority: 1 })),
			request("high", need(1, { priority: 2 })),
			request("higher", need(1, { priority: 3 })),
			request("patient", need(1, { priority: 9, preemptionPolicy: "Never" })),
		);
		const { blocked } = drain(scheduler, waiting, 0);
		expect(blocked.map(({ request: { session } }) => session)).toEqual(["default/higher", "default/high"]);
	});

	it("get the room that is kept for them, although others like them do not", () => {
		const scheduler = pool([small], { n: [request("x", need(1))] });
		const urgent = (name: string) => request(name, need(1, { priority: 5 }));
		scheduler.nominate(urgent("later"), "n");
		scheduler.nominate(request("top", need(1, { priority: 9 })), "n");
		const waiting = queue(urgent("first"), request("top", need(1, { priority: 9 })));
		expect(granted(drain(scheduler, waiting, 0).grants)).toEqual(["default/top n"]);
	});
});

describe("a pass over many", () => {
	const anybody = fc.record({
		namespace: fc.constantFrom("a", "b", "c"),
		cpu: fc.integer({ min: 1, max: 8 }),
		memory: fc.integer({ min: 1, max: 8 }),
		priority: fc.integer({ min: 0, max: 2 }),
		since: fc.integer({ min: 0, max: 2 * STARVING_MS }),
		isolation: fc.constantFrom("none" as const, "namespace" as const, undefined),
	});

	it("leaves nobody out who fits, as long as nobody starves", () => {
		fc.assert(
			fc.property(fc.array(anybody, { maxLength: 40 }), (given) => {
				const nodes = ["a", "b", "c"].map((name) => node(name, { capacity: { cpu: 8, memory: 8, slots: 5 } }));
				const scheduler = pool(nodes);
				const waiting = given.map(({ namespace, cpu, memory, priority, isolation }, n) => ({
					request: request(`${namespace}/${n}`, { requests: { cpu, memory }, priority, isolation }),
					since: n,
				}));
				const { grants } = drain(scheduler, waiting, 100);
				const served = new Set(grants.map(({ request: { session } }) => session));
				for (const { request: each } of waiting) if (!served.has(each.session)) expect(scheduler.pick(each)).toBeUndefined();
			}),
		);
	});

	it("serves everybody in the end, however small those are that come after", () => {
		fc.assert(
			fc.property(fc.array(anybody, { minLength: 1, maxLength: 25 }), (given) => {
				const scheduler = pool([node("n", { capacity: { cpu: 8, memory: 8, slots: 3 } })]);
				let waiting: Waiting[] = given.map(({ namespace, cpu, memory, since }, n) => ({
					request: request(`${namespace}/${n}`, { requests: { cpu, memory } }),
					since,
				}));
				const running: string[] = [];
				for (let now = 0, n = 0; waiting.some(({ request: { session } }) => !session.startsWith("new/")); now += STARVING_MS / 2, n++) {
					expect(n).toBeLessThan(10 * given.length + 20);
					waiting.push({ request: request(`new/${n}`, { requests: { cpu: 1, memory: 1 } }), since: now });
					const { grants } = drain(scheduler, waiting, now);
					const served = new Set(grants.map(({ request: { session } }) => session));
					waiting = waiting.filter(({ request: { session } }) => !served.has(session));
					running.push(...served);
					// One is finished each time, the one that has run for longest.
					const done = running.shift();
					if (done !== undefined) scheduler.unplace(done);
				}
			}),
		);
	});
});
