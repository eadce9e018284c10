import { timestamp } from "../../src/resources/resource.ts";
import type { ContainerOrder } from "../ports.ts";
import type { StoredNode, Waiting } from "./ledger.ts";
import type { NodeEvents } from "./node-events.ts";
import type { Pool } from "./pool.ts";
import { consolidation, growth, recyclable, shrinkable } from "./scheduler/pool.ts";
import type { SchedulerNode } from "./scheduler/types.ts";
import type { ContainerSettings } from "./settings.ts";

/** Starts at once: more of them, and the platform loses some without a word (workerd#5996). */
export const MAX_STARTING = 4;
/** After names that could not be started the next one is tried this much later, doubled each time. */
const RETRY_MIN_MS = 2_000;
const RETRY_MAX_MS = 300_000;
/** A container that was ordered so long ago, in milliseconds, is neither there nor gone: three starts with their pauses are over before. */
const OVERDUE_MS = 600_000;
/** Label of every container node. */
const POOL_LABEL = { "klaw.sh/pool": "default" };

/** What went wrong with the last names, for as long as it does. */
interface Failures {
	count: number;
	message: string;
	final: boolean;
	notBefore: number;
}

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
		const starting = all.filter((node) => isStarting(node));
		if ((this.#failures()?.notBefore ?? 0) > now) return;
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
		const failures = this.#failures();
		// Once that has passed, the next look is whenever somebody comes or goes.
		if (failures && failures.notBefore > this.#now() && this.#pool.ledger.queueLength() > 0) times.push(failures.notBefore);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	/** What those who wait should know of containers, as a sentence. */
	note(now: number): string | undefined {
		if (this.#problem !== undefined) return `No container can be started. ${this.#problem}`;
		const settings = this.#settings;
		if (!settings) return undefined;
		const failures = this.#failures();
		if (failures) {
			// The time itself: a sentence that counts down is another one each time that somebody asks, and is journaled each time.
			const when = failures.notBefore > now ? ` It is tried again at ${timestamp(failures.notBefore)}.` : "";
			return `No container could be started: ${failures.message}${when}`;
		}
		const starting = this.#all().filter((node) => isStarting(node)).length;
		if (starting > 0) return `${starting} ${starting === 1 ? "container is" : "containers are"} being started.`;
		return this.#all().length >= settings.max ? `The pool has as many containers as it may have (${settings.max}).` : undefined;
	}

	/** A container is on its way. */
	isStarting(): boolean {
		return this.#settings !== undefined && this.#all().some((node) => isStarting(node));
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
		const count = (this.#failures()?.count ?? 0) + 1;
		const wait = final ? RETRY_MAX_MS : Math.min(RETRY_MIN_MS * 2 ** (count - 1), RETRY_MAX_MS);
		this.#pool.ledger.putFact(FAILURES, { count, message, final, notBefore: now + wait } satisfies Failures);
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

	#failures(): Failures | undefined {
		return this.#pool.ledger.fact<Failures>(FAILURES);
	}

	#order(settings: ContainerSettings, now: number): void {
		let name = `container-${this.#suffix()}`;
		while (this.#pool.ledger.node(name)) name = `container-${this.#suffix()}`;
		const { capacity, taints } = settings;
		const container: ContainerOrder = { name, capacity, labels: labelsOf(settings, name), taints };
		this.#pool.putNode({
			...{ name, uid: name, incarnation: 0, source: "container", capacity, labels: container.labels, taints },
			...{ ready: false, state: "NotReady", reason: "ContainerStarting", message: "The container is being started." },
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
			this.#pool.putNode({ ...node, order: node.retiring ? { kind: "stop" } : { kind: "start", container }, orderedAt: now });
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

function isStarting({ ready, retiring, order }: StoredNode): boolean {
	return !ready && !retiring && order?.kind !== "stop";
}

function labelsOf({ labels }: ContainerSettings, name: string): Record<string, string> {
	return {
		...labels,
		...POOL_LABEL,
		"kubernetes.io/os": "linux",
		...(name !== "" && { "kubernetes.io/hostname": name }),
	};
}
