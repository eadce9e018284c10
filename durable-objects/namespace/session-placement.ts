import type { AgentSpec } from "../../src/resources/agent/schema.ts";
import type { Session, SessionPlacement } from "../../src/resources/session/kind.ts";
import { priorityOfAgent } from "./agent-priority.ts";
import type { View } from "./decision.ts";

/**
 * A session with what its agent asks of nodes for it, as of the revision that its last run had. It is looked up whenever
 * the session is shown: kept with each session it would be most of what is stored of one.
 */
export function withPlacement(view: Pick<View, "agent" | "revision" | "priorityClasses">, session: Session): Session {
	const name = session.spec.agent ?? "";
	const agent = view.agent(name);
	const { revision } = session.status;
	const spec = (revision === undefined ? undefined : view.revision(name, revision)?.spec.template) ?? agent?.spec;
	if (!spec) return session;
	const status = { revision: "", observedGeneration: 0, ...agent?.status };
	const { className, value, preemptionPolicy } = priorityOfAgent(view, { spec, status });
	const placement: SessionPlacement = {
		...asked(spec),
		priority: value,
		preemptionPolicy,
		...(className !== undefined && { priorityClassName: className }),
	};
	return { ...session, status: { ...session.status, placement } };
}

function asked({ resources: { requests, limits }, nodeSelector, affinity, tolerations, topologySpreadConstraints, isolation }: AgentSpec) {
	return {
		requests,
		...(limits && { limits }),
		...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
		...(affinity && { affinity }),
		...(tolerations && { tolerations }),
		...(topologySpreadConstraints && { topologySpreadConstraints }),
		...(isolation && { isolation }),
	};
}
