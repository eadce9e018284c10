import type { NodeTaint } from "../../containers/node/protocol.ts";
import type { LeaseRequest } from "../../durable-objects/ports.ts";

const NAMESPACES = ["red", "green", "blue"];

/** Some sessions tolerate it. Nobody is to be placed where it is besides. */
export const DEDICATED: NodeTaint = { key: "dedicated", effect: "NoSchedule" };
/** The same sessions tolerate it. Whoever does not has to leave. */
export const MAINTAINED: NodeTaint = { key: "maintained", effect: "NoExecute" };

/** What a session of the dispatcher's world asks for: each of it fits an empty machine without taints. */
export function worldRequest(index: number, pick: <T>(values: readonly T[]) => T): LeaseRequest {
	const namespace = NAMESPACES[index % NAMESPACES.length] ?? "red";
	return {
		...{ session: `${namespace}/s${index}`, namespace, nodeSelector: {} },
		requests: {
			cpu: pick([0.1, 0.5, 1, 2, 4]),
			memory: pick([100, 500, 1_000, 4_000]),
			ephemeralStorage: pick([0, 100, 400, 400]),
		},
		priority: pick([0, 0, 0, 10, 100]),
		isolation: pick(["namespace", "namespace", "session"] as const),
		tolerations: pick([[], [], [{ operator: "Exists" as const }]]),
	};
}
