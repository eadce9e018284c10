import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelSelectorSpec } from "../../../src/resources/label-selector.ts";
import type { LeaseRequest } from "../../ports.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import { Scheduler } from "./scheduler.ts";
import { node, request } from "./test-pool.ts";
import type { SchedulerConfig, SchedulerNode, ScoringStrategy } from "./types.ts";

const zone = fc.constantFrom("a", "b", "c");
const key = fc.constantFrom("zone", "kubernetes.io/hostname", "rack");
const name = fc.integer({ min: 0, max: 5 }).map((n) => `n${n}`);
const app = fc.constantFrom("web", "db", "job");
const effect = fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute");
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 });

const anyNode: fc.Arbitrary<SchedulerNode> = fc
	.record({
		name,
		incarnation: fc.integer({ min: 1, max: 2 }),
		ready: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
		unschedulable: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
		cpu: fc.integer({ min: 1, max: 6 }),
		memory: fc.integer({ min: 1, max: 6 }),
		slots: fc.integer({ min: 1, max: 4 }),
		disk: maybe(fc.integer({ min: 1, max: 6 })),
		labels: fc.record(
			{ zone, rack: fc.constant("r"), "klaw.sh/isolation": fc.constantFrom("none", "namespace", "session") },
			{ requiredKeys: [] },
		),
		taints: fc.array(fc.record({ key: fc.constantFrom("gpu", "spot"), effect }), { maxLength: 2 }),
		boundNamespace: maybe(fc.constantFrom("x", "y")),
	})
	.map(({ cpu, memory, slots, disk, boundNamespace, ...part }) => {
		const { labels, ...rest } = node(part.name, part);
		return { ...rest, labels, capacity: { cpu, memory, slots, ephemeralStorage: disk }, ...(boundNamespace && { boundNamespace }) };
	});

const term = fc.record({
	topologyKey: key,
	labelSelector: fc.oneof(
		app.map((value): LabelSelectorSpec => ({ matchLabels: { app: value } })),
		fc.constantFrom<LabelSelectorSpec>({}, { matchExpressions: [{ key: "tier", operator: "Exists" }] }),
	),
});
const rules = fc.record(
	{
		requiredDuringSchedulingIgnoredDuringExecution: fc.array(term, { maxLength: 2 }),
		preferredDuringSchedulingIgnoredDuringExecution: fc.array(
			fc.record({ weight: fc.integer({ min: 1, max: 100 }), sessionAffinityTerm: term }),
			{ maxLength: 2 },
		),
	},
	{ requiredKeys: [] },
);
const nodePreference = fc.record({
	weight: fc.integer({ min: 1, max: 100 }),
	preference: fc.record({ matchExpressions: fc.tuple(fc.record({ key, operator: fc.constant("Exists" as const) })) }),
});

const anyRequest: fc.Arbitrary<LeaseRequest> = fc
	.record(
		{
			session: fc.tuple(fc.constantFrom("x", "y"), fc.integer({ min: 0, max: 9 })).map(([namespace, n]) => `${namespace}/s${n}`),
			requests: fc.record({
				cpu: fc.integer({ min: 1, max: 30 }).map((n) => n / 10),
				memory: fc.integer({ min: 0, max: 3 }),
				ephemeralStorage: maybe(fc.integer({ min: 0, max: 2 })),
			}),
			labels: fc.constantFrom<Record<string, string>>({}, { app: "web" }, { app: "db" }, { app: "web", tier: "one" }, { tier: "one" }),
			nodeSelector: fc.constantFrom<Record<string, string>>({}, {}, { zone: "a" }, { zone: "b" }),
			tolerations: fc.array(fc.record({ key: fc.constantFrom("gpu", "spot"), operator: fc.constant("Exists" as const) }), { maxLength: 2 }),
			affinity: fc.record(
				{
					sessionAffinity: rules,
					sessionAntiAffinity: rules,
					nodeAffinity: fc.record({ preferredDuringSchedulingIgnoredDuringExecution: fc.array(nodePreference, { maxLength: 2 }) }),
				},
				{ requiredKeys: [] },
			),
			topologySpreadConstraints: fc.array(
				fc.record({
					maxSkew: fc.integer({ min: 1, max: 2 }),
					topologyKey: key,
					whenUnsatisfiable: fc.constantFrom("DoNotSchedule" as const, "ScheduleAnyway" as const),
					labelSelector: app.map((value) => ({ matchLabels: { app: value } })),
				}),
				{ maxLength: 2 },
			),
			isolation: fc.constantFrom("none" as const, "namespace" as const, "session" as const),
			priority: fc.integer({ min: -1, max: 2 }),
			workspaceNode: name,
			workspaceIncarnation: fc.integer({ min: 1, max: 2 }),
			workspaceBound: fc.boolean(),
		},
		{ requiredKeys: ["session", "requests", "nodeSelector"] },
	)
	.map((part) => request(part.session, part));

const strategy: fc.Arbitrary<ScoringStrategy> = fc.constantFrom(
	{ type: "MostAllocated" },
	{ type: "LeastAllocated" },
	{
		type: "RequestedToCapacityRatio",
		shape: [
			{ utilization: 0, score: 2 },
			{ utilization: 70, score: 10 },
			{ utilization: 100, score: 0 },
		],
	},
);
const config = strategy.map((scoringStrategy): SchedulerConfig => ({ ...DEFAULT_CONFIG, scoringStrategy }));

type Step =
	| { do: "node"; node: SchedulerNode }
	| { do: "remove"; name: string }
	| { do: "place"; request: LeaseRequest }
	| { do: "put"; request: LeaseRequest; name: string }
	| { do: "unplace"; session: string }
	| { do: "nominate"; request: LeaseRequest; name: string }
	| { do: "preempt"; request: LeaseRequest };

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("node" as const), node: anyNode }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
	{ weight: 8, arbitrary: fc.record({ do: fc.constant("place" as const), request: anyRequest }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("put" as const), request: anyRequest, name }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("unplace" as const), session: anyRequest.map(({ session }) => session) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("nominate" as const), request: anyRequest, name }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("preempt" as const), request: anyRequest }) },
);

/** A scheduler and, by its own account, what should be in it. */
class World {
	readonly scheduler: Scheduler;
	readonly nodes = new Map<string, SchedulerNode>();
	readonly placed = new Map<string, { request: LeaseRequest; node: string }>();
	readonly nominated = new Map<string, { request: LeaseRequest; node: string }>();
	readonly #config: SchedulerConfig;

	constructor(config: SchedulerConfig) {
		this.#config = config;
		this.scheduler = new Scheduler(config);
	}

	take(step: Step): void {
		const { scheduler } = this;
		switch (step.do) {
			case "node":
				if (this.nodes.get(step.node.name)?.incarnation !== step.node.incarnation) this.#clear(step.node.name);
				this.nodes.set(step.node.name, step.node);
				scheduler.setNode(step.node);
				break;
			case "remove":
				this.#clear(step.name);
				this.nodes.delete(step.name);
				for (const [session, { node: there }] of this.nominated) if (there === step.name) this.nominated.delete(session);
				scheduler.removeNode(step.name);
				break;
			case "place": {
				const placement = scheduler.schedule(step.request);
				if ("node" in placement) this.#place(step.request, placement.node);
				break;
			}
			case "put":
				this.#place(step.request, step.name);
				break;
			case "unplace":
				this.placed.delete(step.session);
				scheduler.unplace(step.session);
				break;
			case "nominate":
				if (this.nodes.has(step.name)) this.nominated.set(step.request.session, { request: step.request, node: step.name });
				scheduler.nominate(step.request, step.name);
				break;
			case "preempt":
				scheduler.preempt(step.request);
				scheduler.preemptionMessage(step.request);
				for (const template of this.nodes.values()) scheduler.wouldFit(step.request, template);
		}
	}

	/** The same world, told at once and in another order. */
	afresh(): Scheduler {
		const scheduler = new Scheduler(this.#config);
		for (const each of [...this.nodes.values()].reverse()) scheduler.setNode(each);
		for (const each of [...this.placed.values()].reverse()) scheduler.place(structuredClone(each));
		for (const { request: asked, node: there } of this.nominated.values()) scheduler.nominate(asked, there);
		return scheduler;
	}

	#place(asked: LeaseRequest, name: string): void {
		this.placed.delete(asked.session);
		if (this.nodes.has(name)) {
			this.placed.set(asked.session, { request: asked, node: name });
			this.nominated.delete(asked.session);
		}
		this.scheduler.place({ request: asked, node: name });
	}

	#clear(name: string): void {
		for (const [session, { node: there }] of this.placed) if (there === name) this.placed.delete(session);
	}
}

const story = fc.record({
	config,
	steps: fc.array(step, { minLength: 5, maxLength: 60 }),
	asked: fc.array(anyRequest, { minLength: 1, maxLength: 5 }),
});

function told({ config: given, steps }: { config: SchedulerConfig; steps: readonly Step[] }): World {
	const world = new World(given);
	for (const each of steps) world.take(each);
	return world;
}

const RUNS = { numRuns: 200 };

describe("whatever happened before", () => {
	it("a decision is the one of a scheduler that was told everything anew", () => {
		fc.assert(
			fc.property(story, (given) => {
				const world = told(given);
				const afresh = world.afresh();
				for (const asked of given.asked) {
					expect(world.scheduler.schedule(asked)).toEqual(afresh.schedule(structuredClone(asked)));
					expect(world.scheduler.preempt(asked)?.node === undefined).toEqual(afresh.preempt(asked)?.node === undefined);
				}
				for (const each of world.nodes.keys()) expect(world.scheduler.allocated(each)).toEqual(afresh.allocated(each));
				for (const namespace of ["x", "y"]) expect(world.scheduler.dominantShare(namespace)).toBeCloseTo(afresh.dominantShare(namespace));
			}),
			RUNS,
		);
	});

	it("the account of a decision has the same winner and the same score", () => {
		fc.assert(
			fc.property(story, (given) => {
				const { scheduler, nodes } = told(given);
				for (const asked of given.asked) {
					const placement = scheduler.schedule(asked);
					const decision = scheduler.explain(asked, 5);
					if ("node" in placement) {
						expect(decision.node).toBe(placement.node);
						expect(decision.nodes[0]).toMatchObject({ node: placement.node, total: placement.score });
					} else expect([decision.node, decision.message]).toEqual([undefined, placement.message]);
					const refused = decision.nodes.filter(({ refusedBy }) => refusedBy !== undefined);
					expect(refused).toHaveLength(nodes.size - decision.feasible);
					for (const { scores = {} } of decision.nodes)
						for (const score of Object.values(scores)) {
							expect(score).toBeGreaterThanOrEqual(-1e-9);
							expect(score).toBeLessThanOrEqual(100 + 1e-9);
						}
				}
			}),
			RUNS,
		);
	});

	it("the counts of a refusal add up to the nodes, or to more where several resources are short", () => {
		fc.assert(
			fc.property(story, (given) => {
				const { scheduler, nodes } = told(given);
				for (const asked of given.asked) {
					const placement = scheduler.schedule(asked);
					if ("node" in placement || nodes.size === 0) continue;
					expect(placement.message).toMatch(new RegExp(`^0/${nodes.size} nodes are available: `));
					const parts = placement.message.slice(placement.message.indexOf(": ") + 2, -1).split(/, (?=\d+ )/);
					const count = (of: readonly string[]) => of.reduce((sum, part) => sum + Number.parseInt(part, 10), 0);
					const short = parts.filter((part) => /Insufficient|Too many/.test(part));
					const others = count(parts) - count(short);
					expect(others).toBeLessThanOrEqual(nodes.size);
					if (short.length <= 1) expect(count(parts)).toBe(nodes.size);
					else expect(count(parts)).toBeGreaterThanOrEqual(nodes.size);
				}
			}),
			RUNS,
		);
	});

	it("no node is given more than it has", () => {
		fc.assert(
			fc.property(story, (given) => {
				const steps = given.steps.filter((each) => each.do !== "put");
				const world = new World(given.config);
				const seen = new Set<string>();
				for (const each of steps) {
					// A machine that came back with less than it had is over-committed without anybody's fault.
					if (each.do === "node" && seen.has(each.node.name)) continue;
					if (each.do === "node") seen.add(each.node.name);
					world.take(each);
				}
				for (const { name: its, capacity } of world.nodes.values()) {
					const used = world.scheduler.allocated(its);
					expect(used.cpu).toBeLessThanOrEqual(capacity.cpu);
					expect(used.memory).toBeLessThanOrEqual(capacity.memory);
					expect(used.ephemeralStorage).toBeLessThanOrEqual(capacity.ephemeralStorage ?? Number.POSITIVE_INFINITY);
					expect(used.slots).toBeLessThanOrEqual(capacity.slots);
				}
			}),
			RUNS,
		);
	});

	it("with its victims gone the preemptor fits where room was made", () => {
		fc.assert(
			fc.property(story, (given) => {
				const { scheduler } = told(given);
				for (const asked of given.asked) {
					const plan = scheduler.preempt(asked);
					if (!plan) continue;
					for (const victim of plan.victims) scheduler.unplace(victim);
					expect(scheduler.explain(asked, 0).nodes.filter(({ total }) => total !== undefined)).toContainEqual(
						expect.objectContaining({ node: plan.node }),
					);
				}
			}),
			RUNS,
		);
	});
});

describe("among many nodes", () => {
	const size = fc.record({ cpu: fc.constantFrom(2, 4, 8), memory: fc.constantFrom(4, 8, 16), spot: fc.boolean() });
	const wanted = fc.record({ cpu: fc.integer({ min: 1, max: 16 }), memory: fc.integer({ min: 1, max: 8 }), spot: fc.boolean() });

	it("those that are passed over together have nothing better", () => {
		fc.assert(
			fc.property(
				config,
				fc.array(size, { minLength: 60, maxLength: 200 }),
				fc.array(wanted, { minLength: 1, maxLength: 150 }),
				(given, sizes, sessions) => {
					const scheduler = new Scheduler(given);
					for (const [n, { spot, ...capacity }] of sizes.entries()) {
						const taints = spot ? [{ key: "spot", effect: "NoSchedule" as const }] : [];
						// Names are in another order than numbers.
						scheduler.setNode(node(`n${(n * 77) % 211}`, { capacity: { ...capacity, slots: 4 }, taints }));
					}
					for (const [n, { cpu, memory, spot }] of sessions.entries()) {
						const tolerations = spot ? [{ operator: "Exists" as const }] : [];
						const asked = request(`s${n}`, { requests: { cpu: cpu / 4, memory }, tolerations });
						const picked = scheduler.pick(asked);
						expect(scheduler.explain(asked, 0).node).toBe(picked);
						if (picked !== undefined) scheduler.place({ request: asked, node: picked });
						if (n % 3 === 2) scheduler.unplace(`default/s${n - 2}`);
					}
				},
			),
			{ numRuns: 30 },
		);
	});
});
