import { DurableObject } from "cloudflare:workers";
import { attributesOf } from "../../src/api/rbac/attributes.ts";
import type { Decision } from "../../src/api/rbac/authorizer.ts";
import type { ApiReply, ApiRequest, Attributes, Caller, WatchRequest } from "../../src/api/request.ts";
import { type Answer, notFound, refuse } from "../../src/api/status.ts";
import { tokenClaims } from "../../src/api/tokens/claims.ts";
import { type PublicKey, signToken } from "../../src/api/tokens/signing-key.ts";
import type { Env } from "../../src/env.ts";
import { clusterKind } from "../../src/resources/cluster/kind.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { clusterObjectName, clusterOf, DEFAULT_CLUSTER, namespaceObjectName } from "../names.ts";
import { AlarmClock } from "../store/alarm-clock.ts";
import type { AuditEntry } from "../store/audit-log.ts";
import { schemaVersion } from "../store/migrate.ts";
import { atMost } from "../time-limit.ts";
import { ControlPlane } from "./control-plane.ts";
import type { Delivery } from "./delivery-queue.ts";
import { Distribution } from "./distribution.ts";
import type { IssuedToken, NamespaceStanding, TokenOrder } from "./ports.ts";

/** A write answers after this long even when not everybody was told of it. */
const TOLD_WITHIN_MS = 2_000;
const DENIED: Decision = { allowed: false, reason: "" };

/**
 * A cluster: its namespaces, its kinds without a namespace, who may do what in it, and its keys. This class owns storage,
 * the alarm and RPC; what happens is decided in `control-plane.ts`. All but the default cluster are nothing, and write
 * nothing, until they are established by it.
 */
export class ClusterObject extends DurableObject<Env> {
	readonly #name: string;
	readonly #alarm: AlarmClock;
	#open: { plane: ControlPlane; distribution: Distribution } | undefined;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#name = clusterOf(ctx.id);
		this.#alarm = new AlarmClock(ctx.storage);
		if (this.#name === DEFAULT_CLUSTER || schemaVersion(ctx.storage.sql) > 0) this.#start();
		ctx.blockConcurrencyWhile(async () => {
			await this.#alarm.load();
			// What is owed without an alarm is what a release leaves behind whose alarm() could not run.
			if (this.#open?.plane.queue.nextAt() !== undefined) this.#open.distribution.expect();
		});
	}

	/** Answers a request about a resource without a namespace. */
	async api(request: ApiRequest): Promise<Answer<ApiReply>> {
		const open = this.#open;
		if (!open) return refuse(notFound(clusterKind, this.#name));
		const { plane, distribution } = open;
		const attributes = attributesOf(request);
		const decision = await this.authorize(request.caller, attributes);
		if (!decision.allowed) return refuse(plane.deny(request.caller, attributes, decision.reason));
		if (request.verb === "get" || request.verb === "list") return plane.serve(request);
		distribution.expect();
		const answer = plane.serve(request);
		distribution.pump();
		await atMost(TOLD_WITHIN_MS, distribution.idle());
		return answer;
	}

	/** `POST /watch` with a {@link WatchRequest}. */
	override async fetch(request: Request): Promise<Response> {
		const watch: WatchRequest = await request.json();
		if (!this.#open) return statusResponse(notFound(clusterKind, this.#name));
		const { plane } = this.#open;
		const attributes = attributesOf(watch);
		const decision = plane.book.authorizer().authorize(watch.caller, attributes);
		if (!decision.allowed) return statusResponse(plane.deny(watch.caller, attributes, decision.reason));
		return plane.watch(watch, request.signal);
	}

	/** By the roles of the cluster; for a Namespace also by the roles in it, of which only it knows. */
	async authorize(caller: Caller, attributes: Attributes): Promise<Decision> {
		if (!this.#open) return DENIED;
		const decision = this.#open.plane.book.authorizer().authorize(caller, attributes);
		if (decision.allowed || attributes.namespace === "") return decision;
		// Asked of every name alike, so that nobody can tell by the time which namespaces there are.
		return this.#namespace(attributes.namespace).authorize(caller, attributes);
	}

	/** For paths that are no resources. `verb` is the HTTP method in small letters. */
	async authorizePath(caller: Caller, verb: string, path: string): Promise<Decision> {
		return this.#open?.plane.book.authorizer().authorizePath(caller, verb, path) ?? DENIED;
	}

	/** The namespaces that a request for all of them is about, for a caller who may ask it of all of them. */
	async namespaces(caller: Caller, attributes: Attributes): Promise<Answer<string[]>> {
		if (!this.#open) return refuse(notFound(clusterKind, this.#name));
		const { plane } = this.#open;
		const everywhere = { ...attributes, namespace: "" };
		const decision = plane.book.authorizer().authorize(caller, everywhere);
		if (!decision.allowed) return refuse(plane.deny(caller, everywhere, decision.reason));
		return { ok: true, value: plane.namespaceNames() };
	}

	/** Keeps an audit record of what was decided elsewhere: by the gateway, or about a namespace that is not there. */
	async record(entry: AuditEntry): Promise<void> {
		this.#open?.plane.keep(entry);
	}

	/** Keeps what a namespace that goes has on record. Asked again, it keeps it twice. */
	async recordAll(entries: readonly AuditEntry[]): Promise<void> {
		for (const entry of entries) this.#open?.plane.audit.append(entry);
	}

	/** What a namespace must know of itself; it is told of changes from now on. */
	async policy(namespace: string): Promise<NamespaceStanding> {
		return this.#open?.plane.standing(namespace) ?? { exists: false, policy: { version: 0, clusterRoles: {}, clusterRoleBindings: [] } };
	}

	/** What tokens of this cluster are verified with. A key that is not among them may have been made since they were read. */
	async jwks(): Promise<PublicKey[]> {
		return this.#open?.plane.signingKeys.publicKeys() ?? [];
	}

	/** A token of a ServiceAccount that its namespace vouches for. */
	async signToken(order: TokenOrder): Promise<IssuedToken> {
		if (!this.#open) throw new Error(`cluster ${this.#name} is not there, and cannot vouch for a ServiceAccount`);
		const now = Date.now();
		const key = await this.#open.plane.signingKeys.current(now);
		const claims = tokenClaims({ ...order, cluster: this.#name, now, id: crypto.randomUUID() });
		return { token: await signToken(claims, key), expirationTimestamp: timestamp(claims.exp * 1000) };
	}

	/** Nothing is left in a namespace that was to be terminated. */
	async namespaceEmptied(namespace: string, uid: string): Promise<void> {
		this.#open?.plane.emptied(namespace, uid);
		if (this.#open?.plane.isOver()) await this.#wipe();
	}

	/** The default cluster says that this one is there. */
	async establish(): Promise<void> {
		if (!this.#open) this.#start();
	}

	/** The default cluster says that this one is to go. It asks again until it is gone. */
	async close(): Promise<{ gone: boolean }> {
		if (!this.#open) return { gone: true };
		const { plane, distribution } = this.#open;
		distribution.expect();
		if (plane.close()) await this.#wipe();
		else distribution.pump();
		return { gone: this.#open === undefined };
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		this.#alarm.wentOff();
		if (!this.#open) return;
		const { distribution } = this.#open;
		distribution.expect();
		distribution.pump();
		await distribution.idle();
	}

	#start(): void {
		const { storage } = this.ctx;
		const ports = { name: this.#name, storage, now: Date.now, uid: () => crypto.randomUUID(), random: Math.random };
		const plane = new ControlPlane(ports);
		const { now, random } = ports;
		const distribution = new Distribution({
			queue: plane.queue,
			alarm: this.#alarm,
			tell: (delivery) => this.#tell(delivery),
			now,
			random,
		});
		this.#open = { plane, distribution };
	}

	async #wipe(): Promise<void> {
		this.#open?.distribution.stop();
		this.#open = undefined;
		this.#alarm.set(undefined);
		await this.ctx.storage.deleteAll();
	}

	/** Rejects when it must be told again. */
	async #tell({ what, name }: Delivery): Promise<void> {
		const plane = this.#open?.plane;
		if (!plane) return;
		switch (what) {
			case "policy":
				return this.#namespace(name).setPolicy(plane.book.policy());
			case "terminate": {
				const namespace = plane.namespace(name);
				if (namespace?.metadata.deletionTimestamp === undefined) return;
				return this.#namespace(name).terminate(namespace.metadata.uid);
			}
			case "establish":
				return this.#cluster(name).establish();
			case "close": {
				const { gone } = await this.#cluster(name).close();
				if (!gone) throw new Error(`cluster ${name} still has namespaces`);
				return plane.closed(name);
			}
		}
	}

	#namespace(name: string) {
		return this.env.NAMESPACE.getByName(namespaceObjectName(name, this.#name));
	}

	#cluster(name: string) {
		return this.env.CLUSTER.getByName(clusterObjectName(name));
	}
}

function statusResponse(status: ReturnType<typeof notFound>): Response {
	return Response.json(status, { status: status.code });
}
