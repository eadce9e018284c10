import { timestamp } from "../../src/resources/resource.ts";
import type { ContainerOrder } from "../ports.ts";
import type { StoredNode, Waiting } from "./ledger.ts";
import type { NodeEvents } from "./node-events.ts";
import type { Pool } from "./pool.ts";
import { consolidation, growth, recyclable, shrinkable } from "./scheduler/pool.ts";
import type { SchedulerNode } from "./scheduler/types.ts";
import type { ContainerSettings } from "./settings.ts";
import { remembered, type StartFailures, withFailure } from "./start-failures.ts";
import { isStarting, STARTING, startingSince } from "./starting.ts";
import { withoutMiddle } from "./without-middle.ts";

/** Starts at once: more of them, and the platform loses some without a word (workerd#5996). */
export const MAX_STARTING = 4;
/** A container that was ordered so long ago, in milliseconds, is neither there nor gone: three starts with their pauses are over before. */
const OVERDUE_MS = 600_000;
/** Label of every container node. */
const POOL_LABEL = { "klaw.sh/pool": "default" };

/** Characters of why a container could not be started, for those who wait: a container's log may be long. */
const LONGEST_CAUSE = 1_000;

export interface ContainersPorts {
	pool: Pool;
	events: NodeEvents;
	/** Absent: no container may be started. */
	containers?: ContainerSettings;
	/** What is wrong with the settings, as a sentence. */
	problem?: string;
	now(): number;
	suffix(): string;
}

/** The part of the pool that klaw starts and stops by itself. */
export class Containers {
	readonly #pool: Pool;
	readonly #events: NodeEvents;
	readonly #settings: ContainerSettings | undefined;
	readonly #problem: string | undefined;
	readonly #now: () => number;
	readonly #suffix: () => string;
	/** When consolidation was last looked at. */
	#lookedAt = 0;

	constructor({ pool, events, containers, problem, now, suffix }: ContainersPorts) {
		this.#pool = pool;
		this.#events = events;
		this.#settings = containers && containers.max > 0 ? containers : undefined;
		this.#problem = problem;
		this.#now = now;
		this.#suffix = suffix;
	}

	/** A node as a new container would be. */
	template(): SchedulerNode | undefined {
		const settings = this.#settings;
		if (!settings) return undefined;
		const { capacity, taints } = settings;
		return { name: "", incarnation: 0, ready: true, unschedulable: false, capacity, labels: labelsOf(settings, ""), taints };
	}

	/**
	 * Orders containers for those who wait, and makes room for one when the pool is as large as it may be.
	 *
	 * @param inOrder those who wait in the order in which they are served: asked for only when there is something to decide
	 */
	balance(inOrder: () => readonly Waiting[], now: number): void {
		const settings = this.#settings;
		const template = this.template();
		if (!settings || !template) return;
		const all = this.#all();
		const starting = all.filter(isStarting);
		if ((this.#failures(now)?.notBefore ?? 0) > now) return;
		const short = settings.min - all.length;
		const { scheduler } = this.#pool;
		const waits = this.#pool.ledger.queueLength() > 0;
		const isFull = all.length >= settings.max;
		const mayStart = !isFull && starting.length < MAX_STARTING;
		// One goes at a time: what it frees may be enough.
		const goes = all.some(({ order, retiring }) => order?.kind === "stop" || retiring);
		const idle = isFull && !goes ? this.#spare(all, settings, now) : [];
		const requests = waits && (mayStart || idle.length > 0) ? inOrder().map(({ request }) => request) : [];
		const limits = { existing: all.length, max: settings.max, maxStarting: MAX_STARTING };
		const wanted = requests.length === 0 ? 0 : growth({ waiting: requests, template, scheduler, starting: starting.length, ...limits });
		for (let more = Math.min(Math.max(wanted, short), MAX_STARTING - starting.length); more > 0; more--) this.#order(settings, now);
		if (requests.length === 0 || idle.length === 0) return;
		const victim = recyclable({
			waiting: requests,
			template,
			scheduler,
			idle: idle.map(({ name, boundNamespace, idleSince }) => ({ name, boundNamespace, idleSince })),
		});
		if (victim !== undefined) this.#stop(victim);
	}

	/** By time alone: idle containers go, and so does one whose sessions fit elsewhere. */
	tick(now: number): void {
		this.#orderAgain(now);
		const settings = this.#settings;
		if (!settings) return;
		const { min, sleepAfterMs } = settings;
		const all = this.#all();
		const idle = all.filter((node) => this.#isIdle(node) || (node.retiring && node.ready && this.#isEmpty(node.name)));
		const nodes = idle.map((node) => ({ name: node.name, tiredAt: node.retiring ? 0 : this.#tiredAt(node, settings) }));
		for (const name of shrinkable({ nodes, existing: staying(all).length, min, now })) this.#stop(name);
		if (now - this.#lookedAt < sleepAfterMs) return;
		this.#lookedAt = now;
		if (this.#pool.ledger.queueLength() > 0 || all.length <= min) return;
		const busy = all.filter(({ name, ready, retiring, order }) => ready && !retiring && !order && this.#pool.hasLeases(name));
		const spare = consolidation({ scheduler: this.#pool.scheduler, containers: busy.map(({ name }) => name) });
		if (spare !== undefined) this.#retire(spare, now);
	}

	dueAt(): number | undefined {
		const all = this.#all();
		const again = all.flatMap((node) => overdueAt(node) ?? []);
		const settings = this.#settings;
		if (!settings) return again.length === 0 ? undefined : Math.min(...again);
		const mayShrink = staying(all).length > settings.min;
		const times = all.flatMap((node) => {
			if (this.#isIdle(node)) return this.#idleDueAt(node, settings, mayShrink);
			return node.ready && this.#pool.hasLeases(node.name) ? [this.#lookedAt + settings.sleepAfterMs] : [];
		});
		times.push(...again);
		const now = this.#now();
		const failures = this.#failures(now);
		// Once that has passed, the next look is whenever somebody comes or goes.
		if (failures && failures.notBefore > now && this.#pool.ledger.queueLength() > 0) times.push(failures.notBefore);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	/**
	 * What whoever waits should know of containers, as a sentence.
	 *
	 * @param since when it began to wait: what failed before is of no interest to it once a container may be started again
	 */
	note(now: number, since = now): string | undefined {
		if (this.#problem !== undefined) return `No container can be started. ${this.#problem}`;
		const settings = this.#settings;
		if (!settings) return undefined;
		const starting = this.#all().filter(isStarting).length;
		const underWay = starting > 0 ? `${starting} ${starting === 1 ? "container is" : "containers are"} being started.` : undefined;
		const failures = this.#failures(now);
		if (failures && (failures.notBefore > now || since <= failures.at)) {
			// The time itself: a sentence that counts down is another one each time that somebody asks, and is journaled each time.
			const next = failures.notBefore > now ? `It is tried again at ${timestamp(failures.notBefore)}.` : underWay;
			// The platform's words are no sentences.
			const stop = /[.!?]$/.test(failures.message) ? "" : ".";
			return [`No container could be started: ${failures.message}${stop}`, next].filter((part) => part !== undefined).join(" ");
		}
		if (underWay !== undefined) return underWay;
		return this.#all().length >= settings.max ? `The pool has as many containers as it may have (${settings.max}).` : undefined;
	}

	/** A container is on its way. */
	isStarting(): boolean {
		return this.#settings !== undefined && this.#all().some(isStarting);
	}

	/** A lease was given on a node. */
	taken(node: StoredNode, namespace: string): void {
		if (node.source !== "container") return;
		const { idleSince: _, ...busy } = node;
		if (node.idleSince !== undefined || node.boundNamespace === undefined)
			this.#pool.putNode({ ...busy, boundNamespace: node.boundNamespace ?? namespace });
	}

	/** A lease on a node is gone. */
	givenBack(name: string, now: number): void {
		const node = this.#pool.ledger.node(name);
		if (node?.source !== "container" || this.#pool.hasLeases(name)) return;
		const { retiring, ...staying } = node;
		if (retiring && this.#isEmpty(name)) this.#stop(name);
		// It was to go, and has files by now that would go with it.
		else this.#pool.putNode({ ...staying, idleSince: now });
	}

	/** Leases have lapsed: those that held the last one on a container have left it idle. */
	lookForIdle(now: number): void {
		for (const { name, ready, idleSince } of this.#all()) if (ready && idleSince === undefined) this.givenBack(name, now);
	}

	/** A machine joined: starting works. */
	joined(node: StoredNode, now: number): void {
		if (node.source !== "container") return;
		this.#pool.ledger.putFact(FAILURES, undefined);
		// One whose connection was opened anew has been idle all the while.
		if (!this.#pool.hasLeases(node.name) && node.idleSince === undefined) this.#pool.putNode({ ...node, idleSince: now });
	}

	/** The node's object has given a name up: the next try is under another one, later each time. */
	failed(name: string, { message, final }: { message: string; final: boolean }, now: number): void {
		const node = this.#pool.ledger.node(name);
		if (node?.source !== "container" || node.ready) return;
		this.#events.failedToStart(node, message);
		const failure = { message: withoutMiddle(message, LONGEST_CAUSE), final, orderedAt: startingSince(node) };
		this.#pool.ledger.putFact(FAILURES, withFailure(this.#pool.ledger.fact<StartFailures>(FAILURES), failure, now));
	}

	/** The node's object has what it was told. */
	ordered(name: string, kind: "start" | "stop"): void {
		const node = this.#pool.ledger.node(name);
		if (node?.order?.kind !== kind) return;
		const { order: _, ...told } = node;
		this.#pool.putNode(kind === "stop" ? { ...told, retiring: true, ready: false, state: "NotReady", reason: "ContainerStopping" } : told);
	}

	#all(): StoredNode[] {
		return this.#pool.containers();
	}

	/** Nobody has a lease there, and files that are in no checkpoint keep it for a time only: they hold no lease and no quota. */
	#isIdle({ name, ready, idleSince, order, retiring }: StoredNode): boolean {
		return ready && idleSince !== undefined && !order && !retiring && !this.#pool.hasLeases(name);
	}

	/** When an idle container is to go. */
	#tiredAt({ name, idleSince = 0 }: StoredNode, { sleepAfterMs, keepUnsavedForMs }: ContainerSettings): number {
		return idleSince + (this.#pool.holdsFiles(name) ? keepUnsavedForMs : sleepAfterMs);
	}

	/** Idle containers that may go for somebody who waits: with files that would be lost only when there is no other, and not at once. */
	#spare(all: readonly StoredNode[], { sleepAfterMs }: ContainerSettings, now: number): StoredNode[] {
		const had = all.filter((node) => this.#isIdle(node) && node.boundNamespace !== undefined);
		const empty = had.filter(({ name }) => !this.#pool.holdsFiles(name));
		return empty.length > 0 ? empty : had.filter(({ idleSince = 0 }) => now - idleSince >= sleepAfterMs);
	}

	#idleDueAt(node: StoredNode, settings: ContainerSettings, mayShrink: boolean): number[] {
		const times = mayShrink ? [this.#tiredAt(node, settings)] : [];
		const recycledFrom = (node.idleSince ?? 0) + settings.sleepAfterMs;
		// Once that has passed, the next look is whenever somebody comes or goes.
		const isAwaited = recycledFrom > this.#now() && this.#pool.ledger.queueLength() > 0 && this.#pool.holdsFiles(node.name);
		return isAwaited ? [...times, recycledFrom] : times;
	}

	/** Nothing is lost when it goes: nobody has a lease there, nor files that are nowhere else. */
	#isEmpty(name: string): boolean {
		return !this.#pool.hasLeases(name) && !this.#pool.holdsFiles(name);
	}

	#failures(now: number): Required<StartFailures> | undefined {
		return remembered(this.#pool.ledger.fact<StartFailures>(FAILURES), now);
	}

	#order(settings: ContainerSettings, now: number): void {
		let name = `container-${this.#suffix()}`;
		while (this.#pool.ledger.node(name)) name = `container-${this.#suffix()}`;
		const { capacity, taints } = settings;
		const container: ContainerOrder = { name, capacity, labels: labelsOf(settings, name), taints };
		this.#pool.putNode({
			...{ name, uid: name, incarnation: 0, source: "container", capacity, labels: container.labels, taints },
			...STARTING,
			...{ version: "", os: "linux", arch: "", createdAt: now, transitionAt: now, order: { kind: "start", container } },
			orderedAt: now,
		});
		this.#events.starting({ name, uid: name });
	}

	/** The last backstop: what nodes' objects did not bring about, or did not tell of, is ordered again, which is harmless. */
	#orderAgain(now: number): void {
		for (const node of this.#all()) {
			const due = overdueAt(node);
			if (due === undefined || due > now) continue;
			const { name, capacity, labels, taints } = node;
			const container: ContainerOrder = { name, capacity, labels, ...(taints && { taints }) };
			if (node.retiring) this.#pool.putNode({ ...node, order: { kind: "stop" }, orderedAt: now });
			else {
				// One that was up and has fallen silent starts anew from here; one that never came has been starting all the while.
				const transitionAt = isStarting(node) ? node.transitionAt : now;
				this.#pool.putNode({ ...node, ...STARTING, transitionAt, order: { kind: "start", container }, orderedAt: now });
			}
		}
	}

	#stop(name: string): void {
		const node = this.#pool.ledger.node(name);
		if (!node || node.order?.kind === "stop") return;
		const files = this.#pool.filesOn(name).length;
		const whose = files === 1 ? "1 session" : `${files} sessions`;
		const lost = files === 0 ? "" : ` Files of ${whose} that are in no checkpoint go with it.`;
		const message = `The container is idle and is being stopped.${lost}`;
		this.#events.stopping(node, message);
		const orderedAt = this.#now();
		this.#pool.putNode({
			...node,
			ready: false,
			state: "NotReady",
			reason: "ContainerStopping",
			message,
			order: { kind: "stop" },
			orderedAt,
		});
	}

	#retire(name: string, at: number): void {
		const node = this.#pool.ledger.node(name);
		if (!node) return;
		this.#pool.putNode({ ...node, retiring: true });
		const reason = "the pool shrinks, and the session fits on another node";
		for (const lease of this.#pool.leasesOn(name))
			if (!lease.recall)
				this.#pool.putLease({ ...lease, recall: { by: "system:dispatcher", reason, cause: "Rescheduled", at, told: false } });
	}
}

const FAILURES = "containers.failures";

/** When what was ordered of a container is ordered again; `undefined` while it is ready or its order is on its way. */
function overdueAt({ ready, order, orderedAt = 0, transitionAt }: StoredNode): number | undefined {
	return ready || order ? undefined : Math.max(orderedAt, transitionAt) + OVERDUE_MS;
}

/** Those that are not on their way out. */
function staying(containers: readonly StoredNode[]): StoredNode[] {
	return containers.filter(({ order, retiring, ready }) => order?.kind !== "stop" && (ready || !retiring));
}

function labelsOf({ labels }: ContainerSettings, name: string): Record<string, string> {
	return {
		...labels,
		...POOL_LABEL,
		"kubernetes.io/os": "linux",
		...(name !== "" && { "kubernetes.io/hostname": name }),
	};
}
