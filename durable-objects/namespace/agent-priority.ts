import { forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import { type Refusal, refuse } from "../../src/api/status.ts";
import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import { NO_PRIORITY, type Priority, priorityOf } from "../../src/resources/priorityclass/priority.ts";
import type { View } from "./decision.ts";

/**
 * What the sessions of an agent have of its class, or of the default class. Of a class that is gone what the agent had of it
 * when it was written last.
 */
export function priorityOfAgent(view: Pick<View, "priorityClasses">, { spec, status }: Pick<Agent, "spec" | "status">): Priority {
	const found = priorityOf(view.priorityClasses() ?? {}, spec.priorityClassName);
	if (found) return found;
	const { priority: value = NO_PRIORITY.value, preemptionPolicy = NO_PRIORITY.preemptionPolicy } = status ?? {};
	return { value, preemptionPolicy, ...(spec.priorityClassName !== undefined && { className: spec.priorityClassName }) };
}

/** What an agent's status keeps of the class that it names. */
export function keptPriority(view: Pick<View, "priorityClasses">, agent: Pick<Agent, "spec" | "status">) {
	if (agent.spec.priorityClassName === undefined) return {};
	const { value, preemptionPolicy } = priorityOfAgent(view, agent);
	return { priority: value, preemptionPolicy };
}

/** Refuses an agent that names a class which is not there, in Kubernetes' words. One that named it before may keep it. */
export function refuseUnknownClass(view: Pick<View, "priorityClasses">, agent: Agent, old?: Agent): Refusal | undefined {
	const { priorityClassName: name } = agent.spec;
	const classes = view.priorityClasses();
	// A Cluster of an older release does not say which classes there are.
	if (name === undefined || classes === undefined || name === old?.spec.priorityClassName || priorityOf(classes, name)) return undefined;
	return refuse(forbiddenBecause(agentKind, agent.metadata.name, `no PriorityClass with name ${name} was found`));
}
