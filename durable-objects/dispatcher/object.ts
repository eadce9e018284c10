import { DurableObject } from "cloudflare:workers";
import type { ApiReply, ApiRequest, WatchRequest } from "../../src/api/request.ts";
import type { Answer } from "../../src/api/status.ts";
import type { Env } from "../../src/env.ts";
import { clusterOf, nodeObjectName, sessionObjectName } from "../names.ts";
import type { AcquireReply, Lease, LeaseRequest, NodeRecord } from "../ports.ts";
import { Dispatcher, type NodeJoined } from "./dispatcher.ts";
import { Ledger } from "./ledger.ts";
import { NodeResources } from "./node-resources.ts";

/** How soon a session that could not be told of its lease is told again. */
const TELL_AGAIN_MS = 1_000;

/** The leases of one pool of nodes. No tool call and no output passes through here. */
export class DispatcherObject extends DurableObject<Env> {
	readonly #dispatcher: Dispatcher;
	readonly #cluster: string;
	readonly #nodes: NodeResources;
	#alarm: number | undefined;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#cluster = clusterOf(ctx.id);
		this.#dispatcher = new Dispatcher({ ledger: new Ledger(ctx.storage.sql), now: Date.now, id: () => crypto.randomUUID() });
		this.#nodes = new NodeResources(ctx.storage, this.#dispatcher);
	}

	async acquire(request: LeaseRequest): Promise<AcquireReply> {
		return this.#commit(() => this.#dispatcher.acquire(request));
	}

	/** The lease with a later expiry; `undefined` when it is gone and must be acquired anew. */
	async renew(lease: Lease): Promise<Lease | undefined> {
		return this.#commit(() => this.#dispatcher.renew(lease));
	}

	async release(given: { session: string; lease?: string }): Promise<void> {
		this.#commit(() => this.#dispatcher.release(given));
	}

	async nodeJoined(node: NodeJoined): Promise<void> {
		this.#commit(() => this.#dispatcher.nodeJoined(node));
		this.#nodes.sync();
	}

	async nodeLeft(name: string, incarnation: number): Promise<void> {
		this.#commit(() => this.#dispatcher.nodeLeft(name, incarnation));
		this.#nodes.sync();
	}

	/** Answers a request about nodes, which the cluster has allowed. */
	async api(request: ApiRequest): Promise<Answer<ApiReply>> {
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

	/** What a client changes of a node may make room for who waits. */
	#serve(request: ApiRequest): Answer<ApiReply> {
		const answer = this.#nodes.host.serve(request);
		this.#afterCommit();
		return answer;
	}

	async listNodes(): Promise<NodeRecord[]> {
		return this.#dispatcher.records();
	}

	async getNode(name: string): Promise<NodeRecord | undefined> {
		return this.#dispatcher.records().find((node) => node.name === name);
	}

	/** Removes a node for good: its leases are void and its incarnation is over. `false` when there is none. */
	async deleteNode(name: string): Promise<boolean> {
		const incarnation = this.#dispatcher.records().find((node) => node.name === name)?.incarnation;
		// The node's own object first: once it refuses the machine, no new lease can reach it.
		await this.env.NODE.getByName(nodeObjectName(name, this.#cluster)).remove();
		return incarnation !== undefined && this.#drop(name, incarnation);
	}

	/** The machine of that incarnation is gone for good, whatever this dispatcher was told of it. Repeating is harmless. */
	async nodeReplaced(name: string, incarnation: number): Promise<void> {
		this.#drop(name, incarnation);
	}

	/** Only that incarnation: the machine may have joined anew meanwhile. */
	#drop(name: string, incarnation: number): boolean {
		const node = this.#dispatcher.records().find((record) => record.name === name);
		if (node?.incarnation !== incarnation) return node === undefined;
		const { leases } = node;
		const known = this.#commit(() => this.#dispatcher.deleteNode(name));
		this.#nodes.sync();
		// Best effort: a session that is not told finds out when it asks its node again.
		this.ctx.waitUntil(Promise.allSettled(leases.map((lease) => this.#session(lease).leaseRevoked())));
		return known;
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		this.#alarm = undefined;
		try {
			this.#dispatcher.dispatch();
			await this.#tell();
		} catch (error) {
			console.error("the dispatcher could not go on, will try again", error);
			this.#setAlarm(Date.now() + TELL_AGAIN_MS);
		}
	}

	/** One change, then whoever got a lease by it is told; the alarm is armed for those who cannot be. */
	#commit<T>(change: () => T): T {
		const result = this.ctx.storage.transactionSync(change);
		this.#afterCommit();
		return result;
	}

	#afterCommit(): void {
		if (this.#dispatcher.untold().length > 0) {
			this.#setAlarm(Date.now() + TELL_AGAIN_MS);
			this.ctx.waitUntil(this.#tell());
		} else this.#armForLapse();
	}

	async #tell(): Promise<void> {
		await Promise.all(this.#dispatcher.untold().map((lease) => this.#tellOne(lease)));
		if (this.#dispatcher.untold().length > 0) this.#setAlarm(Date.now() + TELL_AGAIN_MS);
		else this.#armForLapse();
	}

	async #tellOne(lease: Lease): Promise<void> {
		try {
			const wanted = await this.#session(lease).leaseGranted(lease);
			if (wanted) this.#dispatcher.told(lease);
			else this.#commit(() => this.#dispatcher.release({ session: lease.session, lease: lease.id }));
		} catch (error) {
			console.warn(`session ${lease.session} could not be told of its lease, will try again`, error);
		}
	}

	#armForLapse(): void {
		const due = this.#dispatcher.dueAt();
		if (due === undefined) return;
		if (this.#alarm === undefined || due < this.#alarm || this.#alarm <= Date.now()) this.#setAlarm(due);
	}

	#setAlarm(at: number): void {
		this.#alarm = at;
		this.ctx.storage.setAlarm(Math.max(at, Date.now() + 1)).catch((error) => console.error("the alarm could not be set", error));
	}

	#session({ session }: Lease) {
		const [namespace = "", name = ""] = session.split("/");
		return this.env.SESSION.getByName(sessionObjectName(namespace, name, this.#cluster));
	}
}

function namesOf(reply: ApiReply): string[] {
	return reply.type === "list" ? reply.items.map(({ metadata }) => metadata.name) : [];
}
