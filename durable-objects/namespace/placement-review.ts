import { invalid, notFound, type Refusal, refuse } from "../../src/api/status.ts";
import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import type { AgentSpec } from "../../src/resources/agent/schema.ts";
import { apiVersionOf } from "../../src/resources/kind.ts";
import { sessionKind } from "../../src/resources/session/kind.ts";
import type { PlacementReviewSpec } from "../../src/resources/virtual/placement-review.ts";
import type { AgentSnapshot, SessionIdentity } from "../ports.ts";
import { priorityOfAgent, refuseUnknownClass } from "./agent-priority.ts";
import { inSession } from "./agents.ts";
import type { View } from "./decision.ts";

/** What a review is about: a session that is there, and how a session of its agent would ask for a node. */
export interface Reviewed {
	session?: SessionIdentity;
	/** Absent: the agent of the session is gone. */
	agent?: AgentSnapshot;
}

/** Name of an agent that is only thought of. */
const UNNAMED = "agent";

/** Finds what a review asks about. Instructions matter to no node, so they are not read. */
export function reviewed(view: View, { session: name, agentName, agent: spec }: PlacementReviewSpec): Refusal | ({ ok: true } & Reviewed) {
	if (name !== undefined) {
		const session = view.session(name);
		if (!session) return refuse(notFound(sessionKind, name));
		const identity = { namespace: view.namespace, name, uid: session.metadata.uid };
		const agent = view.agent(session.spec.agent ?? "");
		const kept = session.status.revision && agent && view.revision(agent.metadata.name, session.status.revision);
		const asked = agent && inSession(placed(view, agent, kept ? kept.spec.template : agent.spec), session);
		return { ok: true, session: identity, ...(asked && { agent: asked }) };
	}
	if (spec === undefined) {
		const agent = view.agent(agentName ?? "");
		return agent ? { ok: true, agent: placed(view, agent, agent.spec) } : refuse(notFound(agentKind, agentName ?? ""));
	}
	const agent = thoughtOf(view.namespace, agentName ?? UNNAMED, spec);
	const causes = agentKind.validate?.(agent) ?? [];
	if (causes.length > 0) return refuse(invalid(agentKind, agent.metadata.name, causes));
	return refuseUnknownClass(view, agent) ?? { ok: true, agent: placed(view, agent, spec) };
}

function placed(view: View, { metadata, status }: Agent, spec: AgentSpec): AgentSnapshot {
	const { value: priority, preemptionPolicy } = priorityOfAgent(view, { spec, status });
	return { name: metadata.name, digest: status.revision, spec: { ...spec, instructions: "" }, priority, preemptionPolicy };
}

function thoughtOf(namespace: string, name: string, spec: AgentSpec): Agent {
	const metadata = { name, namespace, uid: "", resourceVersion: "", creationTimestamp: "" };
	return { apiVersion: apiVersionOf(agentKind), kind: agentKind.kind, metadata, spec, status: { revision: "", observedGeneration: 0 } };
}
