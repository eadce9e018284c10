import { DurableObject } from "cloudflare:workers";
import { callTwice, statusOfFailedCall } from "../../src/api/call.ts";
import { attributesOf } from "../../src/api/rbac/attributes.ts";
import type { Authorizer } from "../../src/api/rbac/authorizer.ts";
import { forbidden } from "../../src/api/rbac/forbidden.ts";
import type { Policy, PolicyRule } from "../../src/api/rbac/policy.ts";
import type { ApiReply, ApiRequest, Attributes, Caller, WatchRequest } from "../../src/api/request.ts";
import { type Answer, notFound, type Refusal, refuse, success } from "../../src/api/status.ts";
import type { Env } from "../../src/env.ts";
import { podOf } from "../../src/resources/pod/pod-of.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { ServiceAccount } from "../../src/resources/serviceaccount/kind.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import { sessionKind } from "../../src/resources/session/kind.ts";
import type { PlacementReviewSpec } from "../../src/resources/virtual/placement-review.ts";
import type { Inbound, NodeNotice, SendReply, SessionReport } from "../ports.ts";
import { atMost } from "../time-limit.ts";
import { agentOfSession } from "./agents.ts";
import { NamespaceHouse } from "./house.ts";
import { Membership } from "./membership.ts";
import { nodeNotices } from "./node-notices.ts";
import { nowhere, watchNowhere } from "./nowhere.ts";
import { type Reviewed, reviewed } from "./placement-review.ts";
import { applyReport } from "./reports.ts";
import { issueToken } from "./service-account-token.ts";
import { openSession } from "./sessions.ts";
import { cancelTask } from "./tasks.ts";
import { emptyStep } from "./termination.ts";

/** A deletion answers after this long even when the session was not told yet. */
const DELETION_WAIT_MS = 2_000;

/** How soon the next step of a namespace's end is made; twice as late each time that nothing went. */
const FIRST_STEP_MS = 2_000;
const LAST_STEP_MS = 60_000;

/** Audit records of a deleted namespace that its cluster keeps: the last ones. */
const RECORDS_LEFT = 2_000;

/** What is served of a session by the session itself: below which resource, and what it takes to be allowed it. */
const SESSION_SUBRESOURCES = {
	events: { of: "sessions", verb: "get" },
	checkpoints: { of: "sessions", verb: "get" },
	restore: { of: "sessions", verb: "create" },
	log: { of: "pods", verb: "get" },
	exec: { of: "pods", verb: "create" },
	eviction: { of: "pods", verb: "create" },
} as const;
export type SessionSubresource = keyof typeof SESSION_SUBRESOURCES;

/** A message for a session, as the gateway hands it over. */
export type Message = Omit<Inbound, "task"> & { session: string };
export type MessageReply = SendReply & { session: string };

/**
 * A namespace: RPC, authorization and the alarm. What it holds is in a {@link NamespaceHouse}, which a namespace that does
 * not exist has none of; whoever may not look inside is told the same in either case, by the same way. What can be
 * refused is answered as an {@link Answer}.
 */
export class NamespaceObject extends DurableObject<Env> {
	readonly #membership: Membership;
	#house: NamespaceHouse | undefined;
	/** Steps of its end, one after the other, in which nothing went. */
	#idleSteps = 0;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#membership = new Membership(ctx, env);
		ctx.blockConcurrencyWhile(async () => {
			await this.#membership.wake();
			if (this.#membership.known) await this.#open();
		});
	}

	/** Answers a request about the resources of this namespace. */
	async api(request: ApiRequest): Promise<Answer<ApiReply>> {
		const attributes = attributesOf(request);
		const refused = await this.#refused(request.caller, attributes);
		if (refused) return refused;
		const house = this.#house;
		if (!house) return nowhere(this.#membership.namespace, request);
		const { resource, verb } = request;
		if (resource.plural === "secrets" && verb !== "get" && verb !== "list") await this.#membership.loadKey();
		if (resource.subresource === "token" && verb === "create") return issueToken(house, this.#membership, request);
		const answer = house.host.serve(request);
		if (this.#membership.phase === "Terminating" && verb !== "get" && verb !== "list") this.#hasten(house);
		const told = verb === "delete" && (resource.plural === "sessions" || resource.plural === "pods") && answer.ok && "name" in request;
		if (!told) return answer;
		// Most sessions are gone by the time that the answer is.
		await atMost(DELETION_WAIT_MS, house.delivery.push(request.name));
		if (answer.value.type !== "object" || house.view.session(request.name)) return answer;
		const { metadata, kind } = answer.value.object;
		return { ok: true, value: { type: "status", status: success({ ...resource, kind }, request.name, metadata.uid) } };
	}

	/** A watch: `POST` with a `WatchRequest`. */
	override async fetch(http: Request): Promise<Response> {
		const request: WatchRequest = await http.json();
		const refused = await this.#refused(request.caller, attributesOf(request));
		if (refused) return Response.json(refused.status, { status: refused.status.code });
		return this.#house ? this.#house.host.watch(request, http.signal) : watchNowhere(request);
	}

	/** Why a caller may not do something here; nothing when they may. */
	async authorize(caller: Caller, attributes: Attributes): Promise<{ allowed: boolean; reason: string }> {
		const decision = this.#authorizer()?.authorize(caller, attributes);
		if (decision?.allowed && this.#membership.fresh) return decision;
		await this.#refresh();
		return this.#authorizer()?.authorize(caller, attributes) ?? { allowed: false, reason: "" };
	}

	/** Everything that a caller may do here. */
	async rules(caller: Caller): Promise<PolicyRule[]> {
		await this.#refresh();
		return this.#authorizer()?.rulesFor(caller, this.#membership.namespace) ?? [];
	}

	/** Whether a ServiceAccount, and what its token is bound to, is still the one that a token was made for. */
	async serviceAccountIs(name: string, uid: string, bound?: { kind: "Secret" | "Pod"; name: string; uid: string }): Promise<boolean> {
		const store = this.#house?.host.store;
		if (store?.get<ServiceAccount>("serviceaccounts", name)?.metadata.uid !== uid) return false;
		if (!bound) return true;
		if (bound.kind === "Secret") return store.get("secrets", bound.name)?.metadata.uid === bound.uid;
		const session = store.get<Session>("sessions", bound.name);
		return session !== undefined && podOf(session).metadata.uid === bound.uid;
	}

	/** A session that the caller may do something with beside the verbs of every object. Leaves an audit record. */
	async authorizeSession(caller: Caller, name: string, subresource: SessionSubresource): Promise<Answer<Session>> {
		const { of, verb } = SESSION_SUBRESOURCES[subresource];
		const kind = of === "pods" ? { group: "", kind: "Pod", plural: of } : sessionKind;
		return this.#as(caller, { verb, group: kind.group, resource: `${of}/${subresource}`, name }, async (house) => {
			const session = house.view.session(name);
			return session ? { ok: true, value: session } : refuse(notFound(kind, name));
		});
	}

	/** What a placement review is about. Whether the caller may ask was decided by the gateway. */
	async reviewPlacement(spec: PlacementReviewSpec): Promise<Answer<Reviewed>> {
		await this.#refresh();
		if (!this.#house) return refuse(notFound({ group: "", kind: "Namespace", plural: "namespaces" }, this.#membership.namespace));
		const found = reviewed(this.#house.view, spec);
		return found.ok ? { ok: true, value: found } : found;
	}

	async cancelTask(caller: Caller, name: string, reason: string): Promise<Answer<BaseResource>> {
		return this.#as(caller, { verb: "create", group: "klaw.sh", resource: "tasks/cancel", name }, async (house) => {
			const decision = cancelTask(house.view, name, reason, house.stamp(caller));
			if (!decision.ok) return decision;
			house.host.commit(decision.changes);
			return { ok: true, value: house.view.task(name) ?? decision.value };
		});
	}

	/** Hands a message to its session. When this answers, the message will be answered or visibly failed. */
	async sendMessage(caller: Caller, { session: name, ...message }: Message): Promise<Answer<MessageReply>> {
		return this.#as(caller, { verb: "create", group: sessionKind.group, resource: "sessions/messages", name }, (house) =>
			this.#direct(house, name, async (session) => {
				const agent = agentOfSession(house.view, session);
				if (!agent.ok) return agent;
				const input = { identity: identityOf(session), agent: agent.snapshot, message };
				const reply = await callTwice(
					() => house.session(name),
					(stub) => stub.send(input),
				);
				return { ok: true, value: { session: name, ...reply } };
			}),
		);
	}

	/** Stops what a session does and drops what it was to do next. */
	async cancelSession(caller: Caller, name: string, reason: string): Promise<Answer<{ cancelled: string[] }>> {
		return this.#as(caller, { verb: "create", group: sessionKind.group, resource: "sessions/cancel", name }, (house) =>
			this.#direct(house, name, async () => {
				house.cancelUnsent(name, caller, reason);
				const value = await callTwice(
					() => house.session(name),
					(stub) => stub.cancel({ by: caller.user, reason }),
				);
				return { ok: true, value };
			}),
		);
	}

	/** What a session has to say of itself and its runs. May be repeated and may come out of order. */
	async report(report: SessionReport): Promise<void> {
		const house = this.#house;
		house?.host.commit(applyReport(house.view, report));
	}

	/** Something happened to nodes: its events are in the namespace `default`, as in Kubernetes. */
	async noteNodes(notices: NodeNotice[]): Promise<void> {
		if (!this.#house) await this.#refresh();
		this.#house?.host.commit(nodeNotices(notices));
	}

	/** The cluster's policy has changed. */
	async setPolicy(policy: Policy): Promise<void> {
		if (!this.#membership.setPolicy(policy)) return;
		this.#house?.policyChanged();
	}

	/** The namespace is to go with everything in it. May be repeated. The cluster is told when nothing is left. */
	async terminate(uid: string): Promise<void> {
		await this.#refresh();
		if (this.#membership.uid !== uid) return;
		this.#membership.terminate();
		await this.alarm();
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		const house = this.#house;
		if (!house) return;
		try {
			await house.alarm();
			if (this.#membership.phase === "Terminating") await this.#terminateStep(house);
		} catch (error) {
			console.error(`namespace ${this.#membership.namespace} failed to deliver`, error);
			house.delivery.expect();
		}
	}

	/** A write may have taken away what held the namespace's end up. */
	#hasten(house: NamespaceHouse): void {
		this.#idleSteps = 0;
		house.revisit(FIRST_STEP_MS);
	}

	async #terminateStep(house: NamespaceHouse): Promise<void> {
		const { isEmpty, moved } = emptyStep(house);
		if (moved) this.#idleSteps = 0;
		// What holds it, a finalizer, may do so for days: it is not asked about every two seconds.
		if (!isEmpty) return house.revisit(Math.min(LAST_STEP_MS, FIRST_STEP_MS * 2 ** this.#idleSteps++));
		this.#house = undefined;
		await house.host.close();
		const { audit } = house.host;
		await this.#membership.gone(audit.after(audit.newest - RECORDS_LEFT, RECORDS_LEFT).map(({ entry }) => entry));
	}

	async #as<T>(
		caller: Caller,
		asked: Omit<Attributes, "namespace">,
		act: (house: NamespaceHouse) => Promise<Answer<T>>,
	): Promise<Answer<T>> {
		const attributes = { ...asked, namespace: this.#membership.namespace };
		const refused = await this.#refused(caller, attributes);
		if (refused) return refused;
		const house = this.#house;
		const [plural = ""] = asked.resource.split("/");
		if (!house) return refuse(notFound({ group: asked.group, kind: plural, plural }, asked.name));
		const answer = await act(house);
		if (asked.verb !== "get") {
			const outcome = answer.ok ? { code: 200 } : { code: answer.status.code, message: answer.status.message ?? "" };
			house.host.audit.append({ at: Date.now(), caller, ...attributes, ...outcome });
		}
		return answer;
	}

	/**
	 * A caller who may not is refused only after the cluster was asked for its newest policy: a permission that was just
	 * given holds at once, and a namespace that does not exist answers a stranger as late as one that does.
	 */
	async #refused(caller: Caller, attributes: Attributes): Promise<Refusal | undefined> {
		if (!this.#house || !this.#membership.fresh || !this.#authorizer()?.authorize(caller, attributes).allowed) await this.#refresh();
		const decision = this.#authorizer()?.authorize(caller, attributes) ?? { allowed: false, reason: "" };
		if (decision.allowed) return undefined;
		const status = forbidden(caller, attributes, decision.reason);
		this.ctx.waitUntil(
			this.#membership.denied({ at: Date.now(), caller, ...attributes, code: status.code, message: status.message ?? "" }),
		);
		return refuse(status);
	}

	#authorizer(): Authorizer | undefined {
		return this.#house?.authorizer() ?? this.#membership.strangers();
	}

	/** Asks the cluster how things stand: whether this namespace exists, and who may do what everywhere. */
	async #refresh(): Promise<void> {
		const before = this.#membership.uid;
		const changed = await this.#membership.refresh();
		// The namespace was deleted and made again: what was here is gone.
		if (before !== undefined && this.#membership.uid !== before) this.#house = undefined;
		if (this.#membership.known && !this.#house) await this.#open();
		if (changed) this.#house?.policyChanged();
	}

	async #open(): Promise<void> {
		const membership = this.#membership;
		const house = new NamespaceHouse({
			ctx: this.ctx,
			env: () => this.env,
			cluster: membership.cluster,
			namespace: membership.namespace,
			policy: () => membership.policy,
			phase: () => membership.phase,
			key: () => membership.key,
		});
		await house.wake();
		if (membership.phase === "Active") house.furnish();
		this.#house = house;
		if (membership.phase === "Terminating") house.revisit(FIRST_STEP_MS);
	}

	/** Calls a session while it is told nothing else, so that nothing reaches it after its deletion. */
	async #direct<T>(house: NamespaceHouse, name: string, call: (session: Session) => Promise<Answer<T>>): Promise<Answer<T>> {
		try {
			return await house.delivery.direct(name, async () => {
				const open = openSession(house.view, name);
				return open.ok ? call(open.session) : open;
			});
		} catch (error) {
			console.warn(`namespace ${house.view.namespace}: session ${name} could not be called`, error);
			return refuse(statusOfFailedCall(error, `Session ${house.view.namespace}/${name}`));
		}
	}
}

function identityOf({ metadata }: Session) {
	return { namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid };
}
