import { DEFAULT_CONFIG } from "../../../durable-objects/dispatcher/scheduler/config.ts";
import { Heap } from "../../../durable-objects/dispatcher/scheduler/heap.ts";
import { consolidation, growth, recyclable, shrinkable } from "../../../durable-objects/dispatcher/scheduler/pool.ts";
import { drain, type Waiting } from "../../../durable-objects/dispatcher/scheduler/queue.ts";
import { Scheduler } from "../../../durable-objects/dispatcher/scheduler/scheduler.ts";
import type { SchedulerNode } from "../../../durable-objects/dispatcher/scheduler/types.ts";
import { NAMESPACES, type Need, needsOfDay } from "./agents-day.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** As the pool's own settings are by default. */
const SLEEP_AFTER = 600_000;
const MAX = 10_000;
const MAX_STARTING = 4;
/** From the order of a container to its first answer. */
const START = 6_000;
const GI = 2 ** 30;
/** Cloudflare's standard-2. */
const TEMPLATE: SchedulerNode = {
	...{ name: "", incarnation: 1, ready: true, unschedulable: false, taints: [], labels: {} },
	capacity: { cpu: 1, memory: 6 * GI, ephemeralStorage: 12e9, slots: 16 },
};

export interface Day {
	agents: number;
	/** How often an agent needed a machine. */
	needs: number;
	seed: number;
	/** From a container's start to its end, in hours, all together. */
	nodeHours: number;
	peakNodes: number;
	starts: number;
	moved: number;
	/** Seconds from a need to its lease. */
	waits: number[];
	/** A machine for each agent, all day. */
	perAgentHours: number;
	/** A machine for each agent, that sleeps when it was idle as long as a container may be. */
	perAgentAsleepHours: number;
}

type Event = { at: number } & ({ do: "need" | "done"; need: Need } | { do: "ready"; node: string } | { do: "tick" });

/** A day of agents that take a node at the first call that needs one, on a pool that grows and shrinks. */
export function day(agents: number, seed: number): Day {
	const needs = needsOfDay(agents, seed);
	return new Simulation(needs).run(agents, seed);
}

class Simulation {
	readonly #scheduler = new Scheduler(DEFAULT_CONFIG);
	readonly #events = new Heap<Event>((a, b) => a.at < b.at);
	readonly #needs: readonly Need[];
	#waiting: (Waiting & { need: Need })[] = [];
	readonly #bySession = new Map<string, Need>();
	readonly #nodes = new Map<string, { startedAt: number; ready: boolean; namespace?: string; idleSince?: number }>();
	#started = 0;
	#moved = 0;
	#hours = 0;
	#peak = 0;
	#lookedAt = 0;
	readonly #waits: number[] = [];

	constructor(needs: readonly Need[]) {
		this.#needs = needs;
	}

	run(agents: number, seed: number): Day {
		for (const need of this.#needs) this.#events.push({ at: need.at, do: "need", need });
		for (let at = 0; at <= DAY; at += 60_000) this.#events.push({ at, do: "tick" });
		for (let event = this.#events.pop(); event && event.at <= DAY; event = this.#events.pop()) this.#take(event);
		for (const { startedAt } of this.#nodes.values()) this.#hours += (DAY - startedAt) / HOUR;
		return {
			...{ agents, seed, needs: this.#needs.length, nodeHours: this.#hours, peakNodes: this.#peak, starts: this.#started },
			...{ moved: this.#moved, waits: this.#waits, perAgentHours: (agents * DAY) / HOUR, perAgentAsleepHours: asleepHours(this.#needs) },
		};
	}

	#take(event: Event): void {
		switch (event.do) {
			case "need":
				this.#bySession.set(event.need.request.session, event.need);
				this.#waiting.push({ request: event.need.request, since: event.at, need: event.need });
				break;
			case "done": {
				const { session } = event.need.request;
				this.#scheduler.unplace(session);
				this.#bySession.delete(session);
				break;
			}
			case "ready": {
				const node = this.#nodes.get(event.node);
				if (node) this.#nodes.set(event.node, { ...node, ready: true, idleSince: event.at });
				this.#tell(event.node);
				break;
			}
			case "tick":
				this.#shrink(event.at);
		}
		this.#serve(event.at);
		this.#noteIdle(event.at);
	}

	#serve(now: number): void {
		if (this.#waiting.length === 0) return;
		const { grants } = drain(this.#scheduler, this.#waiting, now);
		for (const { request, node } of grants) {
			const state = this.#nodes.get(node);
			if (state) state.namespace = request.namespace;
			this.#tell(node);
			const need = this.#bySession.get(request.session);
			if (!need) continue;
			this.#waits.push((now - need.at) / 1000);
			this.#events.push({ at: now + need.lasts, do: "done", need });
		}
		const served = new Set(grants.map(({ request }) => request.session));
		this.#waiting = this.#waiting.filter(({ request }) => !served.has(request.session));
		this.#grow(now);
	}

	#grow(now: number): void {
		const waiting = this.#waiting.map(({ request }) => request);
		const starting = [...this.#nodes.values()].filter(({ ready }) => !ready).length;
		const limits = { starting, existing: this.#nodes.size, max: MAX, maxStarting: MAX_STARTING };
		for (let more = growth({ waiting, template: TEMPLATE, ...limits }); more > 0; more--) {
			const name = `c${String(++this.#started).padStart(6, "0")}`;
			this.#nodes.set(name, { startedAt: now, ready: false });
			this.#tell(name);
			this.#events.push({ at: now + START, do: "ready", node: name });
		}
		const idle = [...this.#nodes].flatMap(([name, { idleSince, namespace }]) =>
			idleSince === undefined ? [] : [{ name, idleSince, boundNamespace: namespace }],
		);
		if (this.#nodes.size >= MAX) {
			const spare = recyclable({ waiting, template: TEMPLATE, idle });
			if (spare !== undefined) this.#stop(spare, now);
		}
		this.#peak = Math.max(this.#peak, this.#nodes.size);
	}

	#shrink(now: number): void {
		const nodes = [...this.#nodes].flatMap(([name, { idleSince }]) =>
			idleSince === undefined ? [] : [{ name, tiredAt: idleSince + SLEEP_AFTER }],
		);
		for (const name of shrinkable({ nodes, existing: this.#nodes.size, min: 0, now })) this.#stop(name, now);
		if (now - this.#lookedAt < SLEEP_AFTER || this.#waiting.length > 0) return;
		this.#lookedAt = now;
		const busy = [...this.#nodes].filter(([, { ready, idleSince }]) => ready && idleSince === undefined).map(([name]) => name);
		const spare = consolidation({ scheduler: this.#scheduler, containers: busy });
		const node = spare === undefined ? undefined : this.#scheduler.node(spare);
		if (spare === undefined || !node) return;
		// Sessions give it back between two calls, and ask again: nobody waits for that here.
		this.#scheduler.setNode({ ...node, unschedulable: true });
		for (const request of this.#scheduler.placedOn(spare)) {
			this.#scheduler.unplace(request.session);
			const to = this.#scheduler.pick(request);
			if (to === undefined) throw new Error(`The container ${spare} was to be emptied, and session ${request.session} fits nowhere else.`);
			this.#scheduler.place({ request, node: to });
			this.#moved += 1;
		}
		this.#stop(spare, now);
	}

	#noteIdle(now: number): void {
		for (const [name, node] of this.#nodes) {
			const isIdle = node.ready && this.#scheduler.allocated(name).slots === 0;
			if (isIdle) node.idleSince ??= now;
			else node.idleSince = undefined;
		}
	}

	#tell(name: string): void {
		const node = this.#nodes.get(name);
		if (node) this.#scheduler.setNode({ ...TEMPLATE, name, ready: node.ready, boundNamespace: node.namespace });
	}

	#stop(name: string, now: number): void {
		const node = this.#nodes.get(name);
		if (!node) return;
		this.#hours += (now - node.startedAt) / HOUR;
		this.#nodes.delete(name);
		this.#scheduler.removeNode(name);
	}
}

/** What it would be if each agent had a machine of its own, that stops when it has been idle for long enough. */
function asleepHours(needs: readonly Need[]): number {
	const until = new Map<string, number>();
	let hours = 0;
	for (const { at, lasts, agent } of needs.toSorted((a, b) => a.at - b.at)) {
		const awake = Math.max(until.get(agent) ?? 0, at);
		const end = Math.min(Math.max(awake, at + lasts + SLEEP_AFTER), DAY);
		hours += Math.max(0, end - awake) / HOUR;
		until.set(agent, end);
	}
	return hours;
}

if (import.meta.main) {
	const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
	const { waits, ...figures } = day(1_000, seed);
	const sorted = waits.toSorted((a, b) => a - b);
	console.log(`seed ${seed}; ${NAMESPACES} namespaces`);
	console.table({ ...figures, waitP50: sorted[Math.floor(sorted.length / 2)], waitP99: sorted[Math.floor(sorted.length * 0.99)] });
}
