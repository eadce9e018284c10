import type { LeaseRequest, ResourceRequest } from "../../ports.ts";
import type { Group } from "./backlog.ts";
import type { Kept } from "./filter.ts";
import { Frontier } from "./frontier.ts";
import { Heap } from "./heap.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Placed } from "./types.ts";
import { byName, isStarving, type Waiting } from "./waiting.ts";

/** How far a group has been served. */
interface Cursor<W extends Waiting> {
	group: Group<W>;
	size: number;
	next: W;
	at: number;
}

/** What one namespace has waiting at one priority. */
interface Line<W extends Waiting> {
	namespace: string;
	share: number;
	cursors: Heap<Cursor<W>>;
}

type Room = ResourceRequest & { slots: number };

type Outcome = "placed" | "refused" | "all refused";

/**
 * One look at those who wait. Nodes only fill up meanwhile, so that who fits nowhere once is not looked at again, and no other
 * of its kind that asks for as much.
 */
export class Pass<W extends Waiting> {
	readonly grants: Placed[] = [];
	readonly #scheduler: Scheduler;
	readonly #now: number;
	/** Nodes on which there may be room for those who sleep, and what is left on them. */
	readonly #opened: readonly string[];
	#openedRooms: readonly Room[];
	/** Groups that slept, for which there may be room now, and which were not looked at yet. */
	readonly #roused = new Set<Group<W>>();
	/** The most of each resource that is left on any node; worked out when it is first needed. */
	#room: Room | undefined;
	/** The same of nodes that are not kept from those who are being served. */
	#openRoom: Room | undefined;
	/** The nodes that are kept for somebody who starves, and for whom they are still to be kept. */
	#kept: Kept | undefined;
	readonly #toKeep: LeaseRequest[] = [];
	readonly #keptFor = new Frontier();
	readonly #keptForKind = new Frontier();
	/** Those that fit nowhere. */
	readonly #refused = new Frontier();
	/** Those for whom there is only what is kept for others. */
	readonly #heldBack = new Frontier();
	/** Those that did not fit, but may after the next grant. */
	readonly #refusedForNow = new Frontier();

	/** @param opened names of the only nodes on which there may be room for groups that are asleep */
	constructor(scheduler: Scheduler, now: number, opened: readonly string[] = []) {
		this.#scheduler = scheduler;
		this.#now = now;
		this.#opened = opened;
		this.#openedRooms = opened.map((name) => scheduler.roomOn(name));
	}

	/** By priority; of one priority always the oldest of the namespace that has least. */
	run(groups: Iterable<Group<W>>): void {
		const lines = this.#linesOf(groups);
		for (const [, level] of [...lines].sort(([a], [b]) => b - a)) {
			if (this.#isClosed()) break;
			this.#serve([...level.values()]);
		}
		// Nobody says again that there is room: whoever was not looked at, because all is kept for others, stays awake for it.
		for (const group of this.#roused) group.asleep = false;
	}

	/** Whoever sleeps is left out, unless nodes must be kept for it from those who are served. */
	#linesOf(groups: Iterable<Group<W>>): Map<number, Map<string, Line<W>>> {
		const lines = new Map<number, Map<string, Line<W>>>();
		const starving: Group<W>[] = [];
		for (const group of groups) {
			const next = group.waiting[0];
			if (!next) continue;
			const isOpen = group.asleep && this.#isOpenTo(next.request);
			if (isOpen) this.#roused.add(group);
			if (!group.asleep || isOpen) this.#enter(lines, group, next);
			else if (isStarving(next, this.#now)) starving.push(group);
		}
		if (lines.size > 0) for (const group of starving) if (group.waiting[0]) this.#enter(lines, group, group.waiting[0]);
		return lines;
	}

	#enter(lines: Map<number, Map<string, Line<W>>>, group: Group<W>, next: W): void {
		const { namespace, priority } = group;
		const level = lines.get(priority) ?? new Map<string, Line<W>>();
		const line = level.get(namespace) ?? { namespace, share: 0, cursors: new Heap(isCursorBefore) };
		line.cursors.push({ group, size: this.#scheduler.sizeClass(next.request), next, at: 0 });
		lines.set(priority, level.set(namespace, line));
	}

	#serve(level: readonly Line<W>[]): void {
		const lines = new Heap<Line<W>>(isLineBefore);
		// As they are by now: those of higher priorities have been served.
		for (const line of level) lines.push({ ...line, share: this.#scheduler.dominantShare(line.namespace) });
		for (let line = lines.pop(); line && !this.#isClosed(); line = lines.pop()) {
			const cursor = line.cursors.pop();
			if (!cursor) continue;
			const outcome = this.#try(cursor.next, cursor.group);
			if (outcome === "placed") line.share = this.#scheduler.dominantShare(line.namespace);
			const next = outcome === "all refused" ? undefined : cursor.group.waiting[cursor.at + 1];
			if (next) line.cursors.push({ ...cursor, next, at: cursor.at + 1 });
			if (line.cursors.size > 0) lines.push(line);
		}
	}

	#try(waiting: W, group: Group<W>): Outcome {
		const { request } = waiting;
		this.#roused.delete(group);
		const node = group.asleep && !this.#isOpenTo(request) ? undefined : this.#pick(request, group);
		if (node !== undefined) {
			this.#scheduler.place({ request, node });
			this.grants.push({ request, node });
			if (this.#opened.includes(node)) this.#openedRooms = this.#opened.map((name) => this.#scheduler.roomOn(name));
			this.#refusedForNow.clear();
			return "placed";
		}
		if (isStarving(waiting, this.#now)) this.#keepFor(request, group.kind);
		return dependsOnOthers(request) ? "refused" : "all refused";
	}

	/** Where it goes; nowhere: whether others like it can sleep on it. */
	#pick(request: LeaseRequest, group: Group<W>): string | undefined {
		const { kind } = group;
		this.#room ??= this.#scheduler.largestRoom();
		group.asleep = exceeds(request, this.#room);
		if (group.asleep || (this.#openRoom && exceeds(request, this.#openRoom))) return undefined;
		// Whoever has room kept for it may be placed where others of its kind are not.
		const isNominated = this.#scheduler.nominated(request.session) !== undefined;
		// Where sessions elsewhere matter, more than room may make the difference.
		const maySleep = !this.#scheduler.dependsOnPeers(request);
		const isKnown = (refused: Frontier) => !isNominated && refused.reaches(kind, request.requests);
		if (isKnown(this.#refused)) {
			group.asleep = maySleep;
			return undefined;
		}
		if (isKnown(this.#heldBack) || isKnown(this.#refusedForNow)) return undefined;
		this.#keepNow();
		const node = this.#scheduler.pick(request, this.#kept);
		if (node !== undefined) return node;
		const isHeldBack = this.#kept !== undefined && this.#scheduler.pick(request) !== undefined;
		if (this.#kept) this.#openRoom ??= this.#scheduler.largestRoom({ kept: this.#kept, priority: group.priority });
		group.asleep = maySleep && !isHeldBack;
		if (!isNominated) this.#frontierFor(request, isHeldBack).add(kind, request.requests);
		return undefined;
	}

	#frontierFor(request: LeaseRequest, isHeldBack: boolean): Frontier {
		if (dependsOnOthers(request)) return this.#refusedForNow;
		return isHeldBack ? this.#heldBack : this.#refused;
	}

	/** On a node that was loosened there is room for so much, whatever else may be against it. */
	#isOpenTo(request: LeaseRequest): boolean {
		return this.#openedRooms.some((room) => !exceeds(request, room));
	}

	/** Every node is kept from whoever would be next. */
	#isClosed(): boolean {
		return this.#openRoom !== undefined && this.#openRoom.slots < 1;
	}

	/** From now on; done only when somebody is to be placed. */
	#keepFor(request: LeaseRequest, kind: string): void {
		if (this.#keptForKind.reaches(kind, request.requests)) return;
		this.#keptForKind.add(kind, request.requests);
		const keptKind = this.#scheduler.keptKindOf(request);
		if (this.#keptFor.reaches(keptKind, request.requests)) return;
		this.#keptFor.add(keptKind, request.requests);
		this.#toKeep.push(request);
	}

	#keepNow(): void {
		for (const request of this.#toKeep.splice(0)) {
			this.#kept ??= this.#scheduler.keeping();
			this.#scheduler.keep(request, this.#kept);
			this.#openRoom = undefined;
		}
	}
}

function exceeds({ requests }: LeaseRequest, { cpu, memory, ephemeralStorage = 0, slots }: Room): boolean {
	return slots < 1 || requests.cpu > cpu || requests.memory > memory || (requests.ephemeralStorage ?? 0) > ephemeralStorage;
}

/** A grant to somebody else may make a node fit that did not. */
function dependsOnOthers({ affinity, topologySpreadConstraints = [] }: LeaseRequest): boolean {
	const near = affinity?.sessionAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
	return near.length > 0 || topologySpreadConstraints.some(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
}

/** The oldest; of those that came in the same moment the largest, so that small ones are left to fill what the large ones leave. */
function isCursorBefore<W extends Waiting>(a: Cursor<W>, b: Cursor<W>): boolean {
	return (a.next.since - b.next.since || b.size - a.size || byName(a.next, b.next)) < 0;
}

function isLineBefore<W extends Waiting>(a: Line<W>, b: Line<W>): boolean {
	if (a.share !== b.share) return a.share < b.share;
	const [first, other] = [a.cursors.peek(), b.cursors.peek()];
	return first !== undefined && other !== undefined && isCursorBefore(first, other);
}
