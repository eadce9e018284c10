/**
 * The surroundings of a dispatcher in miniature: machines, sessions, a clock that jumps, messages that are late, lost or
 * repeated. The dispatcher is the real one, over real SQLite, and loses its memory now and then. A step is one thing that
 * happens, chosen by the given randomness.
 */
import { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import type { Violation } from "../../durable-objects/dispatcher/episodes.ts";
import { taintedAt } from "../../durable-objects/dispatcher/evictions.ts";
import { Invariants } from "../../durable-objects/dispatcher/invariants.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import type { Lease, LeaseRequest } from "../../durable-objects/ports.ts";
import { brokenPromise } from "./dispatcher-promises.ts";
import { memorySql } from "./sqlite.ts";
import { HELD_TOGETHER, WORLD_ACTIONS, type WorldAction } from "./world-actions.ts";
import { helloOf, WORLD_CAPACITY, type WorldMachine, worldMachine } from "./world-machine.ts";
import { DEDICATED, MAINTAINED, worldRequest } from "./world-request.ts";

interface Session {
	request: LeaseRequest;
	wants: boolean;
	lease: Lease | undefined;
	/** Releases that have not arrived. */
	owed: (string | undefined)[];
}

/** Invariants that hold at every moment; the others, when every message has arrived. */
const ALWAYS = /^(over-committed|lease-nowhere)\//;
const SETTINGS = { max: 3, min: 0, sleepAfterMs: 60_000, keepUnsavedForMs: 3_600_000, capacity: WORLD_CAPACITY, labels: {}, taints: [] };

export class DispatcherWorld {
	now = 1_000_000;
	readonly log: string[] = [];
	readonly #random: () => number;
	readonly #sql = memorySql();
	readonly #containers: boolean;
	readonly #machines = new Map<string, WorldMachine>();
	readonly #sessions: Session[];
	/** Releases that have arrived; each may arrive once more. */
	readonly #released: { session: string; lease?: string }[] = [];
	#ids = 0;
	#dispatcher: Dispatcher;
	#invariants: Invariants;

	constructor(random: () => number, { containers }: { containers: boolean }) {
		this.#random = random;
		this.#containers = containers;
		[this.#dispatcher, this.#invariants] = this.#boot();
		this.#sessions = Array.from({ length: 14 }, (_, index) => ({
			request: worldRequest(index, (values) => this.#pick(values)),
			wants: false,
			lease: undefined,
			owed: [],
		}));
		if (containers) return;
		for (const name of ["a", "b"]) this.#machines.set(name, worldMachine(name, "joined"));
		this.#machines.set("c", worldMachine("c", "joined", [DEDICATED]));
	}

	/** One thing happens. Returns which. */
	step(): string {
		const action = this.#pick(WORLD_ACTIONS);
		this.#do(action);
		this.#carryOut();
		return action;
	}

	/** @throws Error with a sentence when a promise is broken */
	check(): void {
		const broken = brokenPromise(this.#dispatcher, this.now) ?? this.violations().find(({ key }) => this.#isBroken(key))?.message;
		if (broken !== undefined) throw new Error(broken);
		// What sessions believe: whoever may begin a call has the one lease that the dispatcher knows of.
		for (const { lease, request } of this.#sessions) {
			if (!lease || lease.expiresAt <= this.now || !this.#believes(lease)) continue;
			const known = this.#dispatcher.pool.ledger.lease(request.session);
			if (known?.id !== lease.id)
				throw new Error(`${request.session} may run on ${lease.node} by a lease that the dispatcher does not know`);
		}
	}

	/** Invariants that do not hold now. */
	violations(): Violation[] {
		this.#invariants.look();
		return this.#invariants.open();
	}

	#isBroken(invariant: string): boolean {
		// A container that has come is not starting, however long nobody knows that it is gone again.
		const started = (this.#machines.get(invariant.replace(/^starting\//, ""))?.incarnation ?? 0) > 0;
		return ALWAYS.test(invariant) || started;
	}

	/** Every fault is mended, every message arrives, and time goes by: then everybody who fits must have been placed. */
	heal(): void {
		for (const { name } of [...this.#dispatcher.pool.ledger.nodes()]) {
			this.#cordon(name, false);
			this.#maintain(name, false);
		}
		for (const each of this.#machines.values()) if (each.source === "joined") this.#come(each);
		for (let round = 0; round < 400 && (round < 4 || this.unplaced().length > 0); round++) {
			this.now += 20_000;
			for (const session of this.#sessions) {
				this.#deliverReleases(session);
				if (session.lease && !this.#believes(session.lease)) session.lease = undefined;
				if (session.lease) this.#renew(session);
			}
			this.#dispatcher.tick();
			this.#carryOut();
			this.#deliverGrants();
			this.#deliverRecalls();
			for (const session of this.#sessions) {
				if (session.wants && !session.lease) this.#acquire(session, true);
				// Whoever has had its turn makes room: not all of them fit at once.
				else if (session.lease && round % 2 === 1) this.#finish(session);
			}
			this.check();
		}
	}

	/** Nobody wants anything any more, and time goes by. Returns what is left that should not be. */
	rest(): string[] {
		for (const session of this.#sessions) {
			this.#finish(session);
			this.#deliverReleases(session);
		}
		for (let round = 0; round < 30; round++) {
			this.now += SETTINGS.sleepAfterMs;
			this.#dispatcher.tick();
			this.#carryOut();
		}
		const { ledger } = this.#dispatcher.pool;
		const due = this.#dispatcher.dueAt();
		return [
			...[...ledger.leases()].map(({ session }) => `a lease of ${session}`),
			...[...ledger.nodes()].filter(({ source }) => source === "container").map(({ name }) => `the idle container ${name}`),
			...(due === undefined ? [] : [`an alarm in ${due - this.now} ms`]),
			...this.violations().map(({ message }) => message),
		];
	}

	/** Sessions that want a node and never had one since they did. */
	unplaced(): string[] {
		return this.#sessions.filter(({ wants, lease }) => wants && !lease).map(({ request }) => request.session);
	}

	#do(action: WorldAction): void {
		const session = this.#pick(this.#sessions);
		const each = this.#machines.size > 0 ? this.#pick([...this.#machines.values()]) : undefined;
		this.log.push(`${this.now} ${action}: ${action.includes("machine") || action.includes("node") ? each?.name : session.request.session}`);
		switch (action) {
			case "acquire":
			case "acquire, and the answer is lost":
				// Whoever owes a release has that delivered first; see `acquire` of the session's decide.
				this.#deliverReleases(session);
				session.wants = true;
				if (!session.lease) this.#acquire(session, action === "acquire");
				return;
			case "release":
				this.#finish(session);
				this.#deliverReleases(session);
				return;
			case "release, and it is late":
				this.#finish(session);
				return;
			case "a release arrives again": {
				const old = this.#released.length > 0 ? this.#pick(this.#released) : undefined;
				if (old) this.#dispatcher.release(old);
				return;
			}
			case "renew":
				if (session.lease) this.#renew(session);
				return;
			case "renew, and the answer is lost":
				if (session.lease) this.#dispatcher.renew(session.lease);
				return;
			case "a grant arrives":
				this.#deliverGrants(1);
				return;
			case "a recall arrives":
				this.#deliverRecalls(1);
				return;
			case "a machine comes":
				if (each && !this.#isStopped(each)) this.#come(each);
				return;
			case "a machine falls silent":
				if (each?.connected) {
					each.connected = false;
					// The word of it is best effort.
					if (this.#random() < 0.7) this.#dispatcher.nodes.left(each.name, each.incarnation);
				}
				return;
			case "a machine is lost":
				if (each && !each.connected && !each.lost && each.incarnation > 0) this.#lose(each);
				return;
			case "a machine is replaced":
				if (each) this.#replace(each);
				return;
			case "the clock jumps":
				this.now += this.#pick([10, 1_000, 30_000, 120_000, 400_000]);
				return;
			case "the clock goes back":
				// A lease that has ended is renewed or known to be gone, before the clock says that it has not.
				for (const each of this.#sessions) if (each.lease && each.lease.expiresAt <= this.now) this.#renew(each);
				this.now -= this.#pick([3_000, 60_000, 300_000]);
				return;
			case "the dispatcher dies":
				[this.#dispatcher, this.#invariants] = this.#boot();
				return;
			case "a node is cordoned or not":
				if (each) this.#cordon(each.name, this.#random() < 0.5);
				return;
			case "a node has a taint or not":
				if (each) this.#maintain(each.name, this.#random() < 0.5);
				return;
			case "an old message of a node arrives":
				if (!each || each.incarnation < 2) return;
				if (this.#random() < 0.5) this.#dispatcher.nodes.left(each.name, each.incarnation - 1);
				else this.#dispatcher.nodes.lost(each.name, each.incarnation - 1, each.incarnation);
				return;
			case "several things happen at once":
				// One write, and one look through the queue after all of them.
				this.#dispatcher.pool.ledger.together(() =>
					this.#dispatcher.together(() => {
						for (let more = 0; more < 4; more++) this.#do(this.#pick(HELD_TOGETHER));
					}),
				);
				return;
			case "the alarm rings": {
				this.#dispatcher.tick();
				const due = this.#dispatcher.dueAt();
				if (due !== undefined && due <= this.now) throw new Error("the alarm would ring again at once, and for ever");
				return;
			}
		}
	}

	#acquire(session: Session, arrives: boolean): void {
		const reply = this.#dispatcher.acquire(session.request);
		if (reply.state === "refused") throw new Error(`${session.request.session} was refused: ${reply.message}`);
		if (reply.state !== "granted" || !arrives) return;
		session.lease = reply.lease;
		session.wants = false;
	}

	#finish(session: Session): void {
		session.wants = false;
		session.owed.push(session.lease?.id);
		session.lease = undefined;
	}

	#deliverReleases(session: Session): void {
		for (const lease of session.owed.splice(0)) {
			const release = { session: session.request.session, ...(lease && { lease }) };
			this.#dispatcher.release(release);
			this.#released.push(release);
		}
	}

	#renew(session: Session): void {
		if (session.lease) session.lease = this.#dispatcher.renew(session.lease);
	}

	#deliverGrants(most = Number.POSITIVE_INFINITY): void {
		for (const lease of this.#dispatcher.pool.untold().slice(0, most)) {
			const session = this.#sessions.find(({ request }) => request.session === lease.session);
			if (!session) continue;
			if (session.lease?.id === lease.id) this.#dispatcher.told(lease);
			else if (session.wants && !session.lease && session.owed.length === 0) {
				session.lease = lease;
				session.wants = false;
				this.#dispatcher.told(lease);
			} else this.#dispatcher.release({ session: lease.session, lease: lease.id });
		}
	}

	#deliverRecalls(most = Number.POSITIVE_INFINITY): void {
		for (const lease of this.#dispatcher.pool.recalls().slice(0, most)) {
			const session = this.#sessions.find(({ request }) => request.session === lease.session);
			if (session?.lease?.id === lease.id) {
				// At its boundary: given back, and asked for again.
				this.#finish(session);
				session.wants = true;
			} else if (session && !session.lease) session.owed.push(lease.id);
			this.#dispatcher.recallTold(lease);
		}
	}

	/** What the dispatcher wants of nodes' objects, now or later. */
	#carryOut(): void {
		for (const { name, order } of this.#dispatcher.pool.orders()) {
			if (!order || this.#random() < 0.3) continue;
			this.#dispatcher.containers.ordered(name, order.kind);
			const known = this.#machines.get(name);
			if (order.kind === "start") {
				if (this.#random() < 0.15) this.#dispatcher.containerFailed(name, { message: "There is no instance.", final: false });
				else if (!known) this.#machines.set(name, worldMachine(name, "container"));
			} else if (known) this.#replace(known);
			else this.#dispatcher.nodes.remove(name);
		}
		for (const each of this.#machines.values())
			if (each.source === "container" && !each.connected && this.#random() < 0.5) this.#come(each);
	}

	#come(each: WorldMachine): void {
		if (each.incarnation === 0) each.incarnation = 1;
		each.connected = true;
		each.lost = false;
		this.#dispatcher.nodes.joined(helloOf(each));
	}

	#lose(each: WorldMachine): void {
		const { name, incarnation } = each;
		each.incarnation += 1;
		each.lost = true;
		this.#dispatcher.nodes.lost(name, incarnation, each.incarnation);
	}

	/** A container is gone for good; under a joined machine's name comes another. */
	#replace(each: WorldMachine): void {
		if (each.incarnation === 0) return;
		const { name, incarnation, source } = each;
		if (source === "container") this.#machines.delete(name);
		else Object.assign(each, { incarnation: incarnation + 1, connected: false, lost: true });
		this.#dispatcher.nodes.replaced(name, incarnation);
	}

	#isStopped({ name, source }: WorldMachine): boolean {
		return source === "container" && this.#dispatcher.pool.ledger.node(name)?.order?.kind === "stop";
	}

	#cordon(name: string, unschedulable: boolean): void {
		const node = this.#dispatcher.pool.ledger.node(name);
		if (!node) return;
		const { unschedulable: _, ...rest } = node;
		this.#dispatcher.pool.putNode({ ...rest, ...(unschedulable && { unschedulable }) });
		this.#dispatcher.dispatch();
	}

	#maintain(name: string, maintained: boolean): void {
		const node = this.#dispatcher.pool.ledger.node(name);
		if (!node) return;
		const { taintedAt: before, taints: old = [], ...rest } = node;
		const others = old.filter(({ key }) => key !== MAINTAINED.key);
		const taints = maintained ? [...others, MAINTAINED] : others;
		const since = taintedAt(taints, before, this.now);
		this.#dispatcher.pool.putNode({ ...rest, taints, ...(since && { taintedAt: since }) });
		this.#dispatcher.dispatch();
	}

	/** Whether a node would take a call under this lease. */
	#believes({ node, incarnation }: Lease): boolean {
		return this.#machines.get(node)?.incarnation === incarnation;
	}

	#boot(): [Dispatcher, Invariants] {
		const ledger = new Ledger(this.#sql);
		const now = () => this.now;
		const dispatcher = new Dispatcher({
			...{ ledger, scheduler: DEFAULT_CONFIG, now },
			...(this.#containers && { containers: SETTINGS }),
			id: () => `lease-${++this.#ids}`,
			suffix: () => String(++this.#ids),
		});
		return [dispatcher, new Invariants({ ledger, pool: dispatcher.pool, now, report: (line) => this.log.push(line) })];
	}

	#pick<T>(values: readonly T[]): T {
		const value = values[Math.floor(this.#random() * values.length)];
		if (value === undefined) throw new Error("nothing to pick from");
		return value;
	}
}
