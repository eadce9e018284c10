import { stated } from "../../src/api/admission/compute-resources.ts";
import { isInScope, type ScopedSession } from "../../src/api/admission/quota-scope.ts";
import { increase, totalOf, type Usage, usageOf } from "../../src/api/admission/usage.ts";
import type { Agent } from "../../src/resources/agent/kind.ts";
import { priorityOf } from "../../src/resources/priorityclass/priority.ts";
import type { ResourceQuotaSpec } from "../../src/resources/resourcequota/schema.ts";
import { isFinished } from "../../src/resources/session/finished.ts";
import { type Session, sessionKind } from "../../src/resources/session/kind.ts";
import type { Committed } from "../store/change-log.ts";
import type { ResourceStore } from "../store/resource-store.ts";
import { priorityOfAgent } from "./agent-priority.ts";
import type { View } from "./decision.ts";

/** What one session is to quotas. */
interface Facts {
	agent: string;
	usage: Usage;
	scope: ScopedSession;
}

/**
 * What the sessions of a namespace ask for together, by quota: counted when it is first needed, and kept up to date with
 * every change, so that admission looks at a few numbers and not at every session.
 */
export class SessionUsage {
	readonly #store: ResourceStore;
	readonly #view: View;
	#sessions: Map<string, Facts> | undefined;
	/** The default class as of the count. */
	#byDefault: string | undefined;
	/** By the scope of the quota, as text. */
	readonly #totals = new Map<string, { spec: ResourceQuotaSpec; usage: Usage }>();

	constructor(store: ResourceStore, view: View) {
		this.#store = store;
		this.#view = view;
	}

	/** What there is in the scope of a quota. */
	total(spec: ResourceQuotaSpec): Usage {
		// Classes are the cluster's: that another is the default is seen here first.
		if (this.#sessions && defaultClass(this.#view) !== this.#byDefault) this.forget();
		const key = JSON.stringify([spec.scopes, spec.scopeSelector]);
		const known = this.#totals.get(key);
		if (known) return known.usage;
		const inScope = [...this.#all().values()].filter(({ scope }) => isInScope(spec, scope));
		const usage = totalOf(inScope.map((facts) => facts.usage));
		this.#totals.set(key, { spec, usage });
		return usage;
	}

	/** What the sessions of an agent would ask for on top in the scope of a quota, if the agent became this. */
	added(agent: Agent, spec: ResourceQuotaSpec): Usage {
		const parts: Usage[] = [];
		for (const facts of this.#all().values()) {
			if (facts.agent !== agent.metadata.name) continue;
			const next = ofAgent(this.#view, agent, isOver(facts));
			if (!isInScope(spec, next.scope)) continue;
			parts.push(isInScope(spec, facts.scope) ? increase(facts.usage, next.usage) : next.usage);
		}
		return totalOf(parts);
	}

	follow(changes: readonly Committed[]): void {
		if (!this.#sessions) return;
		for (const { plural, type, object } of changes) {
			const { name } = object.metadata;
			if (plural === "sessions") this.#set(name, type === "DELETED" ? undefined : factsOf(this.#view, object as Session));
			// Its sessions ask for what it asks for now.
			if (plural === "agents" && type === "MODIFIED") {
				for (const [session, facts] of this.#sessions)
					if (facts.agent === name) this.#set(session, { ...facts, ...ofAgent(this.#view, object as Agent, isOver(facts)) });
			}
		}
	}

	forget(): void {
		this.#sessions = undefined;
		this.#totals.clear();
	}

	#set(name: string, facts: Facts | undefined): void {
		const sessions = this.#all();
		const before = sessions.get(name);
		for (const [key, { spec, usage }] of this.#totals) {
			const parts = [usage];
			if (before && isInScope(spec, before.scope)) parts.push(negative(before.usage));
			if (facts && isInScope(spec, facts.scope)) parts.push(facts.usage);
			this.#totals.set(key, { spec, usage: totalOf(parts) });
		}
		if (facts) sessions.set(name, facts);
		else sessions.delete(name);
	}

	#all(): Map<string, Facts> {
		if (this.#sessions) return this.#sessions;
		const sessions = new Map<string, Facts>();
		for (const session of this.#store.all<Session>("sessions")) sessions.set(session.metadata.name, factsOf(this.#view, session));
		this.#sessions = sessions;
		this.#byDefault = defaultClass(this.#view);
		return sessions;
	}
}

/** What a session of an agent is to quotas. */
export function ofAgent(
	view: Pick<View, "priorityClasses">,
	{ spec, status }: Pick<Agent, "spec" | "status">,
	isOver = false,
): { usage: Usage; scope: ScopedSession } {
	const { requests, limits } = spec.resources;
	const scope: ScopedSession = { isTerminating: true, isBestEffort: false };
	// That of the default class too, as Kubernetes puts it into a pod before quotas look at it.
	const { className } = priorityOfAgent(view, { spec, status });
	if (className !== undefined) scope.priorityClassName = className;
	return {
		usage: usageOf(sessionKind, { resources: { requests: stated(requests), limits: stated(limits) }, isFinished: isOver }),
		scope,
	};
}

function factsOf(view: View, session: Session): Facts {
	const name = session.spec.agent ?? "";
	const agent = view.agent(name);
	if (!agent)
		return {
			agent: name,
			usage: usageOf(sessionKind, { resources: {}, isFinished: isFinished(session) }),
			scope: { isTerminating: true, isBestEffort: true },
		};
	return { agent: name, ...ofAgent(view, agent, isFinished(session)) };
}

function defaultClass(view: View): string | undefined {
	return priorityOf(view.priorityClasses() ?? {}, undefined)?.className;
}

function isOver({ usage }: Facts): boolean {
	return usage.pods === undefined;
}

function negative(usage: Usage): Usage {
	return Object.fromEntries(Object.entries(usage).map(([name, amount]) => [name, -amount]));
}
