import { stated } from "../../src/api/admission/compute-resources.ts";
import { checkLimits, type Limits, withDefaults } from "../../src/api/admission/limit-range.ts";
import { checkQuotas, type Quota, usedOf } from "../../src/api/admission/quota.ts";
import { isInScope, type ScopedSession } from "../../src/api/admission/quota-scope.ts";
import { refuseSystemClass } from "../../src/api/admission/system-class.ts";
import { countOf, totalOf, type Usage } from "../../src/api/admission/usage.ts";
import { ApiError } from "../../src/api/status.ts";
import type { Agent } from "../../src/resources/agent/kind.ts";
import type { KindDefinition } from "../../src/resources/kind.ts";
import type { LimitRange } from "../../src/resources/limitrange/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { ResourceQuota } from "../../src/resources/resourcequota/kind.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import type { Committed } from "../store/change-log.ts";
import type { Admission } from "../store/owner.ts";
import type { ResourceStore } from "../store/resource-store.ts";
import { resolveAgent } from "./agents.ts";
import type { View } from "./decision.ts";
import { NAMESPACED_KINDS } from "./kinds.ts";
import { ofAgent, SessionUsage } from "./session-usage.ts";

const COUNTED = NAMESPACED_KINDS.filter(({ projection }) => projection === undefined);
/** Kinds whose creation makes a session, which is a pod to quotas. */
const MAKES_SESSION: ReadonlySet<string> = new Set(["sessions", "tasks"]);

/** ResourceQuotas and LimitRanges of a namespace, as admission and readers of a quota see them. */
export class Quotas {
	readonly #store: ResourceStore;
	readonly #view: View;
	readonly #sessions: SessionUsage;
	#quotas: ResourceQuota[] | undefined;
	#ranges: LimitRange[] | undefined;

	constructor(store: ResourceStore, view: View) {
		this.#store = store;
		this.#view = view;
		this.#sessions = new SessionUsage(store, view);
	}

	/** A quota with what there is of everything that it limits. */
	present(quota: BaseResource): ResourceQuota {
		const known = quota as ResourceQuota;
		const hard = known.spec.hard ?? {};
		return { ...known, status: { hard, used: usedOf(hard, this.#used(known)) } };
	}

	/** The body of an agent with the defaults of the LimitRanges, before klaw's own. */
	withDefaults(kind: KindDefinition, body: unknown): unknown {
		const limits = this.#limits();
		if (kind.plural !== "agents" || limits.length === 0 || !isRecord(body)) return body;
		const spec = isRecord(body.spec) ? body.spec : {};
		if (spec.resources !== undefined && !isRecord(spec.resources)) return body;
		return { ...body, spec: { ...spec, resources: withDefaults(spec.resources ?? {}, limits) } };
	}

	/** @throws ApiError 403 in Kubernetes' words */
	check(write: Admission): void {
		const { kind, object, verb } = write;
		const { name } = object.metadata;
		if (kind.plural === "agents" && this.#limits().length > 0) {
			const { requests, limits } = (object as Agent).spec.resources;
			const refused = checkLimits(kind, name, { requests: stated(requests), limits: stated(limits) }, this.#limits());
			if (refused) throw new ApiError(refused);
		}
		if (kind.plural === "agents") {
			const specs = this.#all().map(({ spec }) => spec);
			const refused = refuseSystemClass(object as Agent, write.old as Agent | undefined, write.caller, specs);
			if (refused) throw new ApiError(refused);
		}
		if (verb === "update" && kind.plural === "agents") this.#checkGrowth(kind, object as Agent);
		if (verb !== "create" || this.#all().length === 0) return;
		const session = MAKES_SESSION.has(kind.plural) ? this.#newSession(object as Task) : undefined;
		const adds = totalOf([...(session ? [session.usage] : []), ...(kind.plural === "sessions" ? [] : [countOf(kind)])]);
		const quotas = this.#all().filter(({ spec }) => isInScope(spec, session?.scope));
		const known = quotas.map((quota): Quota => ({ name: quota.metadata.name, hard: quota.spec.hard ?? {}, used: this.#used(quota) }));
		const refused = checkQuotas(known, { kind, name, adds });
		if (refused) throw new ApiError(refused);
	}

	/** The sessions that are there ask for what their agent asks for now. @throws ApiError 403 in Kubernetes' words */
	#checkGrowth(kind: KindDefinition, agent: Agent): void {
		for (const quota of this.#all()) {
			const known: Quota = { name: quota.metadata.name, hard: quota.spec.hard ?? {}, used: this.#used(quota) };
			const refused = checkQuotas([known], { kind, name: agent.metadata.name, adds: this.#sessions.added(agent, quota.spec) });
			if (refused) throw new ApiError(refused);
		}
	}

	follow(changes: readonly Committed[]): void {
		for (const { plural } of changes) {
			if (plural === "resourcequotas") this.#quotas = undefined;
			if (plural === "limitranges") this.#ranges = undefined;
		}
		this.#sessions.follow(changes);
	}

	forget(): void {
		this.#quotas = undefined;
		this.#ranges = undefined;
		this.#sessions.forget();
	}

	/** Nothing when the work goes into a session that is there, or to nobody. */
	#newSession({ kind, spec }: Task): { usage: Usage; scope: ScopedSession } | undefined {
		if (kind === "Task" && spec.session !== undefined) return undefined;
		const resolved = resolveAgent(this.#view, spec.agent);
		return resolved.ok ? ofAgent(this.#view, resolved.agent) : undefined;
	}

	#used({ spec }: ResourceQuota): Usage {
		const scoped = (spec.scopes ?? []).length > 0 || (spec.scopeSelector?.matchExpressions ?? []).length > 0;
		const sessions = this.#sessions.total(spec);
		if (scoped) return sessions;
		const counts = COUNTED.filter(({ plural }) => plural !== "sessions").map((kind) =>
			Object.fromEntries(Object.keys(countOf(kind)).map((key) => [key, this.#store.count(kind.plural)])),
		);
		return totalOf([sessions, ...counts]);
	}

	#all(): ResourceQuota[] {
		this.#quotas ??= [...this.#store.all<ResourceQuota>("resourcequotas")];
		return this.#quotas;
	}

	#limits(): Limits[] {
		this.#ranges ??= [...this.#store.all<LimitRange>("limitranges")];
		return this.#ranges.flatMap(({ spec }) => spec.limits.map((item) => ({ ...item }) as Limits));
	}
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
