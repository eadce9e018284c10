/**
 * The surroundings of a dispatcher in miniature: machines, sessions, a clock that jumps, messages that are late, lost or
 * repeated. The dispatcher is the real one, over real SQLite, and loses its memory now and then. A step is one thing that
 * happens, chosen by the given randomness.
 */
import { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import type { Lease, LeaseRequest } from "../../durable-objects/ports.ts";
import { memorySql } from "./sqlite.ts";

interface Machine {
	name: string;
	incarnation: number;
	source: "joined" | "container";
	connected: boolean;
	/** Its object has said that it is lost, and it has not come back since. */
	lost: boolean;
}

interface Session {
	request: LeaseRequest;
	wants: boolean;
	lease: Lease | undefined;
	/** Releases that have not arrived. */
	owed: (string | undefined)[];
}

const CAPACITY = { cpu: 4, memory: 4_000, ephemeralStorage: 1_000, slots: 6 };
/** What may arrive in one and the same moment. */
const HELD_TOGETHER = [
	"release",
	"release, and it is late",
	"a release arrives again",
	"renew",
	"a recall arrives",
	"a machine comes",
	"a machine falls silent",
	"a machine is lost",
	"a machine is replaced",
	"an old message of a node arrives",
] as const;
const NAMESPACES = ["red", "green", "blue"];
const SETTINGS = { max: 3, min: 0, sleepAfterMs: 60_000, keepUnsavedForMs: 3_600_000, capacity: CAPACITY, labels: {}, taints: [] };

export class DispatcherWorld {
	static readonly ACTIONS = [
		"acquire",
		"acquire, and the answer is lost",
		"release",
		"release, and it is late",
		"a release arrives again",
		"renew",
		"a grant arrives",
		"a recall arrives",
		"a machine comes",
		"a machine falls silent",
		"a machine is lost",
		"a machine is replaced",
		"the clock jumps",
		"the dispatcher dies",
		"a node is cordoned or not",
		"an old message of a node arrives",
		"the alarm rings",
		"several things happen at once",
	] as const;

	now = 1_000_000;
	readonly log: string[] = [];
	readonly #random: () => number;
	readonly #sql = memorySql();
	readonly #containers: boolean;
	readonly #machines = new Map<string, Machine>();
	readonly #sessions: Session[];
	/** Releases that have arrived; each may arrive once more. */
	readonly #released: { session: string; lease?: string }[] = [];
	#ids = 0;
	#dispatcher: Dispatcher;

	constructor(random: () => number, { containers }: { containers: boolean }) {
		this.#random = random;
		this.#containers = containers;
		this.#dispatcher = this.#boot();
		this.#sessions = Array.from({ length: 14 }, (_, index) => ({
			request: this.#request(index),
			wants: false,
			lease: undefined,
			owed: [],
		}));
		if (!containers) for (const name of ["a", "b", "c"]) this.#machines.set(name, machine(name, "joined"));
	}

	/** One thing happens. Returns which. */
	step(): string {
		const action = this.#pick(DispatcherWorld.ACTIONS);
		this.#do(action);
		this.#carryOut();
		return action;
	}

	/** @throws Error with a sentence when a promise is broken */
	check(): void {
		const live = [...this.#dispatcher.pool.ledger.leases()].filter(({ expiresAt }) => expiresAt > this.now);
		for (const node of this.#dispatcher.pool.ledger.nodes()) {
			const held = live.filter((lease) => lease.node === node.name);
			const sum = (of: (request: LeaseRequest) => number) => held.reduce((total, { request }) => total + of(request), 0);
			const over =
				sum(({ requests }) => requests.cpu) > CAPACITY.cpu + 1e-6 ||
				sum(({ requests }) => requests.memory) > CAPACITY.memory ||
				held.length > CAPACITY.slots;
			if (over) throw new Error(`node ${node.name} is over-committed`);
			if (new Set(held.map(({ request }) => request.namespace)).size > 1)
				throw new Error(`node ${node.name} serves two namespaces at once`);
			const alone = held.filter(({ request }) => request.isolation === "session");
			if (alone.length > 0 && held.length > 1) throw new Error(`a session that is to be alone on ${node.name} is not`);
			const stale = held.find(({ incarnation }) => incarnation !== node.incarnation);
			if (stale) throw new Error(`${stale.session} has a lease of an incarnation of ${node.name} that is over`);
		}
		const { ledger, backlog } = this.#dispatcher.pool;
		const queued = Array.from(ledger.queue(), ({ request }) => request.session).sort();
		const known = [...backlog.groups()].flatMap(({ waiting }) => waiting.map(({ request }) => request.session)).sort();
		if (queued.join() !== known.join()) throw new Error(`${queued.join()} wait, and ${known.join()} are looked at`);
		// What sessions believe: whoever may begin a call has the one lease that the dispatcher knows of.
		for (const { lease, request } of this.#sessions) {
			if (!lease || lease.expiresAt <= this.now || !this.#believes(lease)) continue;
			const known = this.#dispatcher.pool.ledger.lease(request.session);
			if (known?.id !== lease.id)
				throw new Error(`${request.session} may run on ${lease.node} by a lease that the dispatcher does not know`);
		}
	}

	/** Every fault is mended, every message arrives, and time goes by: then everybody who fits must have been placed. */
	heal(): void {
		for (const node of this.#dispatcher.pool.ledger.nodes()) this.#cordon(node.name, false);
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
		for (let round = 0; round < 15; round++) {
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
		];
	}

	/** Sessions that want a node and never had one since they did. */
	unplaced(): string[] {
		return this.#sessions.filter(({ wants, lease }) => wants && !lease).map(({ request }) => request.session);
	}

	#do(action: (typeof DispatcherWorld.ACTIONS)[number]): void {
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
			case "the dispatcher dies":
				this.#dispatcher = this.#boot();
				return;
			case "a node is cordoned or not":
				if (each) this.#cordon(each.name, this.#random() < 0.5);
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
				else if (!known) this.#machines.set(name, machine(name, "container"));
			} else if (known) this.#replace(known);
			else this.#dispatcher.nodes.remove(name);
		}
		for (const each of this.#machines.values())
			if (each.source === "container" && !each.connected && this.#random() < 0.5) this.#come(each);
	}

	#come(each: Machine): void {
		if (each.incarnation === 0) each.incarnation = 1;
		each.connected = true;
		each.lost = false;
		const { name, incarnation, source } = each;
		const labels = { "kubernetes.io/hostname": name };
		this.#dispatcher.nodes.joined({
			name,
			uid: name,
			incarnation,
			source,
			capacity: CAPACITY,
			labels,
			version: "1",
			os: "linux",
			arch: "amd64",
		});
	}

	#lose(each: Machine): void {
		const { name, incarnation } = each;
		each.incarnation += 1;
		each.lost = true;
		this.#dispatcher.nodes.lost(name, incarnation, each.incarnation);
	}

	/** A container is gone for good; under a joined machine's name comes another. */
	#replace(each: Machine): void {
		if (each.incarnation === 0) return;
		const { name, incarnation, source } = each;
		if (source === "container") this.#machines.delete(name);
		else Object.assign(each, { incarnation: incarnation + 1, connected: false, lost: true });
		this.#dispatcher.nodes.replaced(name, incarnation);
	}

	#isStopped({ name, source }: Machine): boolean {
		return source === "container" && this.#dispatcher.pool.ledger.node(name)?.order?.kind === "stop";
	}

	#cordon(name: string, unschedulable: boolean): void {
		const node = this.#dispatcher.pool.ledger.node(name);
		if (!node) return;
		const { unschedulable: _, ...rest } = node;
		this.#dispatcher.pool.putNode({ ...rest, ...(unschedulable && { unschedulable }) });
		this.#dispatcher.dispatch();
	}

	/** Whether a node would take a call under this lease. */
	#believes({ node, incarnation }: Lease): boolean {
		return this.#machines.get(node)?.incarnation === incarnation;
	}

	#request(index: number): LeaseRequest {
		const namespace = NAMESPACES[index % NAMESPACES.length] ?? "red";
		const pick = <T>(values: readonly T[]) => this.#pick(values);
		return {
			...{ session: `${namespace}/s${index}`, namespace, nodeSelector: {} },
			requests: { cpu: pick([0.1, 0.5, 1, 2, 4]), memory: pick([100, 500, 1_000, 4_000]), ephemeralStorage: pick([0, 100]) },
			priority: pick([0, 0, 0, 10, 100]),
			isolation: pick(["namespace", "namespace", "session"] as const),
		};
	}

	#boot(): Dispatcher {
		return new Dispatcher({
			ledger: new Ledger(this.#sql),
			scheduler: DEFAULT_CONFIG,
			...(this.#containers && { containers: SETTINGS }),
			now: () => this.now,
			id: () => `lease-${++this.#ids}`,
			suffix: () => String(++this.#ids),
		});
	}

	#pick<T>(values: readonly T[]): T {
		const value = values[Math.floor(this.#random() * values.length)];
		if (value === undefined) throw new Error("nothing to pick from");
		return value;
	}
}

function machine(name: string, source: Machine["source"]): Machine {
	return { name, incarnation: 0, source, connected: false, lost: false };
}
