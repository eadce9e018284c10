import type { AgentSpec } from "../../src/resources/agent/schema.ts";
import { parseQuantity } from "../../src/resources/quantity.ts";
import type { LeaseRequest, SessionIdentity } from "../ports.ts";
import { type SessionState, sessionRef } from "./state.ts";

/** What a session asks the dispatcher for. */
export function leaseRequest(
	identity: SessionIdentity,
	{ workspace }: Pick<SessionState, "workspace">,
	{ resources: { requests }, nodeSelector }: Pick<AgentSpec, "resources" | "nodeSelector">,
): LeaseRequest {
	return {
		session: sessionRef(identity),
		namespace: identity.namespace,
		requests: { cpu: parseQuantity(requests.cpu), memory: parseQuantity(requests.memory) },
		nodeSelector,
		workspaceNode: workspace?.node,
	};
}
