import { type Cause, failure, type Refusal, refuse } from "../../src/api/status.ts";
import { instructionsFrom } from "../../src/resources/agent/instructions.ts";
import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import type { ResolvedAgentSpec } from "../../src/resources/agent/schema.ts";
import { specDigest } from "../../src/resources/digest.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import type { AgentSnapshot } from "../ports.ts";
import { removed } from "../store/deletion.ts";
import { keptPriority, priorityOfAgent, refuseUnknownClass } from "./agent-priority.ts";
import { readyCondition } from "./agent-ready.ts";
import { recordRevision } from "./agent-revisions.ts";
import { type Decision, put, type Stamp, type View } from "./decision.ts";

/** Agent that takes what names none. */
const DEFAULT_AGENT = "default";
/** Agents that an error names. */
const NAMES_SHOWN = 5;

export function createAgent(view: View, draft: Agent, stamp: Stamp): Decision<Agent> {
	const refused = refuseUnknownClass(view, draft);
	if (refused) return refused;
	const revision = specDigest(draft.spec);
	const agent: Agent = {
		...draft,
		status: {
			phase: "Idle",
			revision,
			observedGeneration: 1,
			conditions: [readyCondition(view, draft, [], stamp.now)],
			...keptPriority(view, draft),
		},
	};
	return { ok: true, changes: [put("agents", agent), ...recordRevision(view, agent, stamp)], value: agent };
}

export function updateAgent(view: View, old: Agent, next: Agent, stamp: Stamp): Decision<Agent> {
	const refused = refuseUnknownClass(view, next, old);
	if (refused) return refused;
	const revision = specDigest(next.spec);
	const { generation = 1 } = next.metadata;
	const conditions = [readyCondition(view, next, old.status.conditions ?? [], stamp.now)];
	const { priority: _, preemptionPolicy: __, ...status } = old.status;
	const agent: Agent = {
		...next,
		status: { ...status, revision, observedGeneration: generation, conditions, ...keptPriority(view, next) },
	};
	const changes = revision === old.status.revision ? [] : recordRevision(view, agent, stamp);
	return { ok: true, changes: [put("agents", agent), ...changes], value: agent };
}

/** Its sessions stay: the next message to one of them is refused, and says why. */
export function deleteAgent(_view: View, agent: Agent): Decision<Agent> {
	return { ok: true, changes: removed("agents", agent), value: agent };
}

/** What a session gets of an agent, with its instructions read; or why it cannot run. */
export function snapshot(view: View, agent: Agent): { ok: true; snapshot: AgentSnapshot } | { ok: false; why: string } {
	const { metadata, spec, status } = agent;
	const { instructions } = spec;
	const { className, value, preemptionPolicy } = priorityOfAgent(view, agent);
	const found = (text: string): { ok: true; snapshot: AgentSnapshot } => {
		const resolved: ResolvedAgentSpec = { ...spec, instructions: text };
		const priority = className === undefined ? {} : { priority: value, preemptionPolicy };
		return { ok: true, snapshot: { name: metadata.name, digest: status.revision, spec: resolved, ...priority } };
	};
	if (typeof instructions === "string") return found(instructions);
	const { name } = instructions.configMapRef;
	const configMap = view.configMap(name);
	if (!configMap)
		return { ok: false, why: `agent ${metadata.name} has its instructions in the ConfigMap "${name}", and there is none of that name` };
	return found(instructionsFrom(configMap.data ?? {}));
}

/** The agent that work goes to which may name one, or why there is none, as a cause for `spec.agent`. */
export function resolveAgent(
	view: View,
	name: string | undefined,
): { ok: true; agent: Agent; snapshot: AgentSnapshot } | { ok: false; cause: Cause } {
	const found = findAgent(view, name);
	if (!found.ok) return found;
	const read = snapshot(view, found.agent);
	if (read.ok) return { ok: true, agent: found.agent, snapshot: read.snapshot };
	return missing("FieldValueInvalid", `Invalid value: "${found.agent.metadata.name}": ${read.why}`);
}

function findAgent(view: View, name: string | undefined): { ok: true; agent: Agent } | { ok: false; cause: Cause } {
	if (name !== undefined) {
		const agent = view.agent(name);
		if (agent) return { ok: true, agent };
		return missing(
			"FieldValueNotFound",
			`Not found: "${name}": there is no such agent in namespace ${view.namespace}. Create it, or name another`,
		);
	}
	const byDefault = view.agent(DEFAULT_AGENT);
	if (byDefault) return { ok: true, agent: byDefault };
	const names = view.agentNames(NAMES_SHOWN + 1);
	const [first] = names;
	const only = names.length === 1 && first !== undefined ? view.agent(first) : undefined;
	if (only) return { ok: true, agent: only };
	if (first === undefined)
		return missing("FieldValueRequired", `Required value: namespace ${view.namespace} has no agent. Create one first`);
	const some = names.slice(0, NAMES_SHOWN).join(", ") + (names.length > NAMES_SHOWN ? ", …" : "");
	const why = `namespace ${view.namespace} has several agents and none is named "${DEFAULT_AGENT}"`;
	return missing("FieldValueRequired", `Required value: ${why}. Name one of: ${some}`);
}

function missing(reason: Cause["reason"], message: string): { ok: false; cause: Cause } {
	return { ok: false, cause: { reason, field: "spec.agent", message } };
}

/** What an agent is to one session: with the labels that the session has now. */
export function inSession(agent: AgentSnapshot, { metadata: { labels } }: Pick<Session, "metadata">): AgentSnapshot {
	return labels === undefined || Object.keys(labels).length === 0 ? agent : { ...agent, sessionLabels: labels };
}

/** The agent that answers in a session. @returns 404 when it was deleted */
export function agentOfSession(view: View, { metadata, spec }: Session): Refusal | { ok: true; snapshot: AgentSnapshot } {
	const session = metadata.name;
	const agentName = spec.agent ?? "";
	const agent = view.agent(agentName);
	const details = { name: agentName, group: agentKind.group, kind: agentKind.plural };
	if (!agent) {
		const message = `agents.klaw.sh "${agentName}" not found: session "${session}" belongs to it. Create the agent again, or delete the session`;
		return refuse(failure("NotFound", message, details));
	}
	const read = snapshot(view, agent);
	return read.ok
		? { ok: true, snapshot: inSession(read.snapshot, { metadata }) }
		: refuse(failure("Conflict", `Session "${session}" cannot go on: ${read.why}. Create it first.`, details));
}
