import { alreadyExists, type Cause, conflict, failure, notFound, type Refusal, refuse } from "../../src/api/status.ts";
import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import type { AgentSpec } from "../../src/resources/agent/schema.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import type { Draft } from "../../src/resources/resource.ts";
import type { AgentSnapshot } from "../ports.ts";
import { type Decision, put, type Stamp, type View } from "./decision.ts";
import { newObject } from "./object-meta.ts";

/** Agent that takes what names none. */
const DEFAULT_AGENT = "default";
/** Agents that an error names. */
const NAMES_SHOWN = 5;

export function createAgent(view: View, name: string, draft: Draft<AgentSpec>, stamp: Stamp): Decision<Agent> {
	if (view.agent(name)) return refuse(alreadyExists(agentKind, name));
	const agent: Agent = {
		...newObject(agentKind, view.namespace, name, draft.metadata, stamp),
		spec: draft.spec,
		status: { revision: draft.digest, observedGeneration: 1 },
	};
	return { ok: true, changes: [put("agents", agent)], value: agent };
}

/** Replaces an agent or creates it. What says nothing new changes nothing. */
export function replaceAgent(view: View, name: string, draft: Draft<AgentSpec>, stamp: Stamp): Decision<Agent> {
	const { uid, resourceVersion, labels, annotations } = draft.metadata;
	const old = view.agent(name);
	if (!old) {
		if (uid || resourceVersion)
			return refuse(conflict(agentKind, name, "it was deleted; leave out uid and resourceVersion to create it anew"));
		return createAgent(view, name, draft, stamp);
	}
	if (uid && uid !== old.metadata.uid) {
		return refuse(conflict(agentKind, name, `its uid is ${old.metadata.uid}, not ${uid}: it was deleted and created again`));
	}
	if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
		return refuse(conflict(agentKind, name, "the object has been modified; please apply your changes to the latest version and try again"));
	}
	const sameSpec = draft.digest === old.status.revision;
	const sameMeta =
		canonicalJson([labels ?? {}, annotations ?? {}]) === canonicalJson([old.metadata.labels ?? {}, old.metadata.annotations ?? {}]);
	if (sameSpec && sameMeta) return { ok: true, changes: [], value: old };
	const generation = old.metadata.generation + (sameSpec ? 0 : 1);
	const { labels: _, annotations: __, ...kept } = old.metadata;
	const agent: Agent = {
		...old,
		metadata: { ...kept, generation, ...(labels && { labels }), ...(annotations && { annotations }) },
		spec: draft.spec,
		status: { revision: draft.digest, observedGeneration: generation },
	};
	return { ok: true, changes: [put("agents", agent)], value: agent };
}

/** Its sessions stay: the next message to one of them is refused, and says why. */
export function deleteAgent(view: View, name: string): Decision<Agent> {
	const agent = view.agent(name);
	if (!agent) return refuse(notFound(agentKind, name));
	return { ok: true, changes: [{ type: "remove", plural: "agents", name }], value: agent };
}

export function snapshot({ metadata, spec, status }: Agent): AgentSnapshot {
	return { name: metadata.name, digest: status.revision, spec };
}

/** The agent that work goes to which may name one, or why there is none, as a cause for `spec.agent`. */
export function resolveAgent(view: View, name: string | undefined): { ok: true; agent: Agent } | { ok: false; cause: Cause } {
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

/** The agent that answers in a session. @returns 404 when it was deleted */
export function agentOfSession(view: View, session: string, agentName: string): Refusal | { ok: true; agent: Agent } {
	const agent = view.agent(agentName);
	if (agent) return { ok: true, agent };
	const message = `agents.klaw.sh "${agentName}" not found: session "${session}" belongs to it. Create the agent again, or delete the session`;
	return refuse(failure("NotFound", message, { name: agentName, group: agentKind.group, kind: agentKind.plural }));
}

/** What the sessions of one agent are doing, summed up. */
export interface AgentActivity {
	sessions: number;
	running: number;
	waiting: number;
	lastRun?: { phase: string; time: string };
}

/** An agent as it is served: its status says what its sessions do. */
export function presentAgent(agent: Agent, activity: AgentActivity | undefined): Agent {
	const { sessions = 0, running = 0, waiting = 0, lastRun } = activity ?? {};
	const phase = running > 0 ? "Running" : waiting > 0 ? "Waiting" : "Idle";
	return { ...agent, status: { ...agent.status, phase, sessions, ...(lastRun && { lastRun }) } };
}
