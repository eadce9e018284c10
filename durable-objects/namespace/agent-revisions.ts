import type { Agent } from "../../src/resources/agent/kind.ts";
import { type AgentRevision, agentRevisionKind } from "../../src/resources/agentrevision/kind.ts";
import { apiVersionOf } from "../../src/resources/kind.ts";
import { type ObjectMeta, timestamp } from "../../src/resources/resource.ts";
import type { StoreChange } from "../store/decision.ts";
import { removed } from "../store/deletion.ts";
import { put, type Stamp, type View } from "./decision.ts";

const { plural } = agentRevisionKind;

/**
 * Keeps what an agent's spec has become as a revision, and forgets the oldest beyond `revisionHistoryLimit`. Going back to
 * an old spec gives its revision a new number, as in Kubernetes.
 */
export function recordRevision(view: View, agent: Agent, stamp: Stamp): StoreChange[] {
	const known = view.revisions(agent.metadata.uid);
	const name = `${agent.metadata.name}-${agent.status.revision}`;
	const number = 1 + Math.max(0, ...known.map(({ spec }) => spec.revision));
	const old = known.find(({ metadata }) => metadata.name === name);
	const revision: AgentRevision = {
		apiVersion: apiVersionOf(agentRevisionKind),
		kind: agentRevisionKind.kind,
		metadata: old?.metadata ?? metadataOf(agent, name, stamp),
		spec: { agent: agent.metadata.name, revision: number, template: agent.spec },
	};
	const others = known.filter(({ metadata }) => metadata.name !== name).sort((a, b) => b.spec.revision - a.spec.revision);
	const forgotten = others.slice(agent.spec.revisionHistoryLimit);
	return [put(plural, revision), ...forgotten.flatMap((object) => removed(plural, object))];
}

function metadataOf(agent: Agent, name: string, { now, uid }: Stamp): ObjectMeta {
	const { apiVersion, kind, metadata } = agent;
	return {
		name,
		...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
		uid: uid(),
		resourceVersion: "",
		generation: 1,
		creationTimestamp: timestamp(now),
		...(metadata.labels && { labels: metadata.labels }),
		ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
	};
}
