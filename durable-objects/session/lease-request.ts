import type { AgentResources } from "../../src/resources/agent/resources.ts";
import { AGENT_LABEL, SESSION_LABEL } from "../../src/resources/pod/pod-of.ts";
import { parseQuantity } from "../../src/resources/quantity.ts";
import type { AgentSnapshot, LeaseRequest, ResourceRequest, SessionIdentity } from "../ports.ts";
import { type SessionState, sessionRef } from "./state.ts";

/** What a session asks the dispatcher for. */
export function leaseRequest(
	identity: SessionIdentity,
	{ workspace, uncheckpointed }: Pick<SessionState, "workspace" | "uncheckpointed">,
	{ name, spec, priority, preemptionPolicy, sessionLabels }: AgentSnapshot,
): LeaseRequest {
	const { nodeSelector, affinity, tolerations, topologySpreadConstraints, isolation } = spec;
	return {
		session: sessionRef(identity),
		namespace: identity.namespace,
		// As its pod shows them, so that `kubectl get pods -l` finds what a selector here means.
		labels: { ...sessionLabels, [AGENT_LABEL]: name, [SESSION_LABEL]: identity.name },
		requests: resourceRequest(spec.resources),
		nodeSelector,
		...(affinity && { affinity }),
		...(tolerations && { tolerations }),
		...(topologySpreadConstraints && { topologySpreadConstraints }),
		...(priority !== undefined && { priority }),
		...(preemptionPolicy && { preemptionPolicy }),
		...(isolation && { isolation }),
		workspaceNode: workspace?.node,
		workspaceIncarnation: workspace?.incarnation,
		...(uncheckpointed && { workspaceBound: true }),
	};
}

export function resourceRequest({ requests }: Pick<AgentResources, "requests">): ResourceRequest {
	const disk = requests["ephemeral-storage"];
	return {
		cpu: parseQuantity(requests.cpu),
		memory: parseQuantity(requests.memory),
		...(disk !== undefined && { ephemeralStorage: parseQuantity(disk) }),
	};
}
