import { DurableObject } from "cloudflare:workers";
import type { ApiReply, ApiRequest, WatchRequest } from "../../src/api/request.ts";
import type { Answer } from "../../src/api/status.ts";
import type { Env } from "../../src/env.ts";
import { clusterOf, namespaceObjectName, nodeObjectName, sessionObjectName } from "../names.ts";
import type { AcquireReply, Lease, LeaseRequest, NodeJoined, NodeRecord } from "../ports.ts";
import { AlarmClock } from "../store/alarm-clock.ts";
import { Batch } from "./batch.ts";
import { Dispatcher, type Release } from "./dispatcher.ts";
import { Errands } from "./errands.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Invariants } from "./invariants.ts";
import { type Joining, type JoinToken, JoinTokens, type NewJoinToken } from "./join-tokens.ts";
import { Ledger } from "./ledger.ts";
import { NodeResources } from "./node-resources.ts";
import type { Decision } from "./scheduler/types.ts";
import { poolSettings } from "./settings.ts";
import { randomSuffix } from "./suffix.ts";

/** How soon something that could not be done is tried again. */
const AGAIN_MS = 1_000;
/** How often the invariants are looked at while anything is placed or waits. */
const LOOK_MS = 60_000;
/** Namespace of the events of nodes, which are in none themselves. */
const NODE_EVENTS = "default";

/** The leases of one pool of nodes. No tool call and no output passes through here. */
export class DispatcherObject extends DurableObject<Env> {
	readonly #dispatcher: Dispatcher;
	readonly #cluster: string;
	readonly #nodes: NodeResources;
	readonly #errands: Errands;
	readonly #heartbeats: Heartbeats;
	readonly #invariants: Invariants;
	readonly #joinTokens: JoinTokens;
	readonly #batch = new Batch({
		commit: (change) => this.#commit(change),
		together: (changes) => this.#dispatcher.together(changes),
		soon: (run, ms) => setTimeout(run, ms),
	});
	readonly #alarm = new AlarmClock(this.ctx.storage);

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#cluster = clusterOf(ctx.id);
		const ledger = new Ledger(ctx.storage.sql);
		this.#dispatcher = new Dispatcher({
			ledger,
			...poolSettings(env),
			now: Date.now,
			id: () => crypto.randomUUID(),
			suffix: () => randomSuffix(Math.random),
		});
		const node = (name: string) => env.NODE.getByName(nodeObjectName(name, this.#cluster));
		this.#heartbeats = new Heartbeats({ ask: (name) => node(name).heartbeat(), now: Date.now });
		this.#nodes = new NodeResources(ctx.storage, this.#dispatcher, this.#heartbeats);
		this.#invariants = new Invariants({ ledger, pool: this.#dispatcher.pool, now: Date.now, report: (line) => console.error(line) });
		this.#errands = new Errands({
			dispatcher: this.#dispatcher,
			commit: (change) => this.#batch.run(change),
			session: (lease) => this.#session(lease),
			node,
			log: (message, error) => console.warn(message, error),
		});
		this.#joinTokens = new JoinTokens({
			...{ sql: ctx.storage.sql, now: Date.now, random: Math.random, uid: () => crypto.randomUUID() },
			bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
		});
	}

	async acquire(request: LeaseRequest): Promise<AcquireReply> {
		return this.#batch.run(
			() => this.#dispatcher.ask(request),
			(asked) => this.#dispatcher.answer(request, asked),
		);
	}

	/**
	 * The lease with a later expiry; `undefined` when it is gone and must be acquired anew.
	 *
	 * @param changed.workspaceBound whether the session's files are on its node and nowhere else by now; absent: as it was
	 */
	async renew(lease: Lease, changed?: { workspaceBound?: boolean }): Promise<Lease | undefined> {
		return this.#batch.run(() => this.#dispatcher.renew(lease, changed));
	}

	async release(given: Release): Promise<void> {
		await this.#batch.run(() => this.#dispatcher.release(given));
	}

	/** The last decision about a session. @param session `namespace/name` */
	async decision(session: string): Promise<Decision | undefined> {
		return this.#dispatcher.decision(session);
	}

	/** What would be decided about a request now. Changes nothing. */
	async whatIf(request: LeaseRequest): Promise<Decision> {
		return this.#dispatcher.whatIf(request);
	}

	async nodeJoined(node: NodeJoined): Promise<void> {
		this.#heartbeats.heard(node.name);
		await this.#batch.run(() => this.#dispatcher.nodes.joined(node));
	}

	/** The connection is gone; the leases live on. */
	async nodeLeft(name: string, incarnation: number): Promise<void> {
		await this.#batch.run(() => this.#dispatcher.nodes.left(name, incarnation));
	}

	/** No heartbeat for too long, or a reboot: the leases are void; the machine may come back as incarnation `next`. */
	async nodeLost(name: string, incarnation: number, next: number, rebooted?: boolean): Promise<void> {
		await this.#batch.run(() => this.#dispatcher.nodes.lost(name, incarnation, next, rebooted));
	}

	/** The machine of that incarnation is gone for good, whatever this dispatcher was told of it. Repeating is harmless. */
	async nodeReplaced(name: string, incarnation: number): Promise<void> {
		await this.#batch.run(() => this.#dispatcher.nodes.replaced(name, incarnation));
	}

	/** No container could be started under this name; another is tried later. @param failure a sentence */
	async containerFailed(name: string, failure: { message: string; final: boolean }): Promise<void> {
		await this.#batch.run(() => this.#dispatcher.containerFailed(name, failure));
	}

	/** Answers a request about nodes, which the cluster has allowed. */
	async api(request: ApiRequest): Promise<Answer<ApiReply>> {
		this.#batch.flush();
		if (request.verb === "get" || request.verb === "list") await this.#heartbeats.refresh(this.#dispatcher.records());
		if (request.verb !== "delete" && request.verb !== "deletecollection") return this.#serve(request);
		const tried = this.#nodes.host.serve({ ...request, delete: { ...request.delete, dryRun: true } });
		if (!tried.ok || request.delete.dryRun) return tried;
		const names = request.verb === "delete" ? [request.name] : namesOf(tried.value);
		// A node goes for good before its row does: its own object must refuse the machine first.
		for (const name of names) await this.deleteNode(name);
		this.#nodes.host.record(request, 200, {});
		return tried;
	}

	/** A watch of nodes, which the cluster has allowed: `POST` with a `WatchRequest`. */
	override async fetch(http: Request): Promise<Response> {
		return this.#nodes.host.watch(await http.json<WatchRequest>(), http.signal);
	}

	/** What a client changes of a node may make room for who waits: they are looked through soon, with whatever else changes. */
	#serve(request: ApiRequest): Answer<ApiReply> {
		const answer = this.#nodes.host.serve(request);
		if (this.#dispatcher.isStale())
			this.#batch.run(() => undefined).catch((error) => console.error("the dispatcher could not look through its queue", error));
		return answer;
	}

	async listNodes(): Promise<NodeRecord[]> {
		this.#batch.flush();
		return this.#heartbeats.shown(this.#dispatcher.records());
	}

	async getNode(name: string): Promise<NodeRecord | undefined> {
		this.#batch.flush();
		const node = this.#dispatcher.pool.ledger.node(name);
		return node && this.#dispatcher.pool.record(node);
	}

	/** Removes a node for good: its leases are void and its incarnation is over. `false` when there is none. */
	async deleteNode(name: string): Promise<boolean> {
		this.#batch.flush();
		const incarnation = this.#dispatcher.pool.ledger.node(name)?.incarnation;
		// The node's own object first: once it refuses the machine, no new lease can reach it.
		await this.env.NODE.getByName(nodeObjectName(name, this.#cluster)).remove();
		return incarnation !== undefined && (await this.#batch.run(() => this.#dispatcher.nodes.replaced(name, incarnation)));
	}

	/** The token is in this answer and nowhere else. */
	async createJoinToken(asked: NewJoinToken): Promise<Answer<{ token: string; record: JoinToken }>> {
		return this.#joinTokens.create(asked);
	}

	async listJoinTokens(): Promise<JoinToken[]> {
		return this.#joinTokens.list();
	}

	async deleteJoinToken(name: string): Promise<JoinToken | undefined> {
		return this.#joinTokens.delete(name);
	}

	/** Whether a machine may join with this token. */
	async redeemJoinToken(token: string, machine: Joining): Promise<Answer<JoinToken>> {
		return this.#joinTokens.redeem(token, machine);
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		this.#alarm.wentOff();
		try {
			this.#commit(() => this.#dispatcher.tick());
			this.#invariants.look();
			await this.#errands.run();
		} catch (error) {
			console.error("the dispatcher could not go on, will try again", error);
			this.#arm(Date.now() + AGAIN_MS);
		}
	}

	/** One change, then whoever is concerned is told; the alarm is armed for those who cannot be. */
	#commit<T>(change: () => T): T {
		let result: T;
		const version = this.#nodes.version();
		try {
			result = this.ctx.storage.transactionSync(() =>
				this.#dispatcher.pool.ledger.together(() => {
					const changed = change();
					this.#nodes.sync();
					return changed;
				}),
			);
		} catch (error) {
			// What was changed in memory was never written.
			this.#dispatcher.pool.reload();
			this.#dispatcher.events.clear();
			this.#nodes.rolledBack(version);
			throw error;
		}
		this.#afterCommit();
		return result;
	}

	#afterCommit(): void {
		this.#tellOfNodes();
		if (this.#errands.pending()) {
			this.#arm(Date.now() + AGAIN_MS);
			this.ctx.waitUntil(this.#errands.run().then(() => this.#armForNext()));
		} else this.#armForNext();
	}

	/** Nobody waits for it: what happened to nodes is told once, if it can be. */
	#tellOfNodes(): void {
		const { events } = this.#dispatcher;
		if (events.isEmpty()) return;
		const namespace = this.env.NAMESPACE.getByName(namespaceObjectName(NODE_EVENTS, this.#cluster));
		const told = events.tell(
			(notices) => namespace.noteNodes(notices),
			(error) => console.warn("the events of nodes could not be told", error),
		);
		this.ctx.waitUntil(told);
	}

	#armForNext(): void {
		const { pool } = this.#dispatcher;
		const due = this.#dispatcher.dueAt();
		if (due !== undefined) this.#arm(due);
		if (this.#errands.pending()) this.#arm(Date.now() + AGAIN_MS);
		// Only for as long as something is placed or waits: an idle pool is not woken.
		if (pool.ledger.queueLength() > 0 || due !== undefined) this.#arm(Date.now() + LOOK_MS);
	}

	/**
	 * Sooner than it was, never later, not even when its time has come: one that was moved then would not go off. An alarm that
	 * finds nothing to do arms the next.
	 */
	#arm(at: number): void {
		// For this very millisecond it is lost (workerd#6866).
		this.#alarm.noLaterThan(Math.max(at, Date.now() + 1));
	}

	#session({ session }: Pick<Lease, "session">) {
		const [namespace = "", name = ""] = session.split("/");
		return this.env.SESSION.getByName(sessionObjectName(namespace, name, this.#cluster));
	}
}

function namesOf(reply: ApiReply): string[] {
	return reply.type === "list" ? reply.items.map(({ metadata }) => metadata.name) : [];
}
