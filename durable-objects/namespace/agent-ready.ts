import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import type { Condition } from "../../src/resources/conditions.ts";
import { timestamp } from "../../src/resources/resource.ts";
import type { StoreChange } from "../store/decision.ts";
import { put, type View } from "./decision.ts";

/** Whether an agent can run. The time moves only when the answer does. */
export function readyCondition(view: View, { metadata, spec }: Agent, conditions: readonly Condition[], now: number): Condition {
	const missing = missingConfigMap(view, spec.instructions);
	const status = missing === undefined ? "True" : "False";
	const old = conditions.find(({ type }) => type === "Ready");
	return {
		type: "Ready",
		status,
		reason: missing === undefined ? "Accepted" : "ConfigMapNotFound",
		message:
			missing === undefined ? "The agent can run." : `Its instructions are in the ConfigMap "${missing}", and there is none of that name.`,
		lastTransitionTime: old?.status === status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : timestamp(now),
		observedGeneration: metadata.generation ?? 1,
	};
}

/** What becomes of the agents whose instructions are in a ConfigMap that came or went. */
export function configMapChanged(view: View, agents: Iterable<Agent>, configMap: string, now: number): StoreChange[] {
	const changes: StoreChange[] = [];
	for (const agent of agents) {
		const { instructions } = agent.spec;
		if (typeof instructions === "string" || instructions.configMapRef.name !== configMap) continue;
		const old = agent.status.conditions ?? [];
		const ready = readyCondition(view, agent, old, now);
		if (old.some(({ type, status }) => type === "Ready" && status === ready.status)) continue;
		const conditions = [...old.filter(({ type }) => type !== "Ready"), ready];
		changes.push(put(agentKind.plural, { ...agent, status: { ...agent.status, conditions } } as Agent));
	}
	return changes;
}

function missingConfigMap(view: View, instructions: Agent["spec"]["instructions"]): string | undefined {
	if (typeof instructions === "string") return undefined;
	const { name } = instructions.configMapRef;
	return view.configMap(name) ? undefined : name;
}
