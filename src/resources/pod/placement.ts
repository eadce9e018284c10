import type { Affinity } from "../agent/affinity.ts";
import type { SessionPlacement } from "../session/kind.ts";
import type { PodSpec } from "./schema.ts";

type SessionRules = NonNullable<Affinity["sessionAffinity"]>;

/** What a session asks of nodes, in the words of pods. */
export function podPlacement({
	nodeSelector,
	affinity,
	tolerations,
	topologySpreadConstraints,
	priority,
	priorityClassName,
	preemptionPolicy,
}: SessionPlacement): Partial<PodSpec> {
	return {
		priority,
		preemptionPolicy,
		...(priorityClassName !== undefined && { priorityClassName }),
		...(nodeSelector && { nodeSelector }),
		...(affinity && { affinity: podAffinity(affinity) }),
		...(tolerations && { tolerations }),
		...(topologySpreadConstraints && { topologySpreadConstraints }),
	};
}

/** Sessions are pods, so affinity to sessions is affinity to pods. */
function podAffinity({ nodeAffinity, sessionAffinity, sessionAntiAffinity }: Affinity): PodSpec["affinity"] {
	return {
		...(nodeAffinity && { nodeAffinity }),
		...(sessionAffinity && { podAffinity: podRules(sessionAffinity) }),
		...(sessionAntiAffinity && { podAntiAffinity: podRules(sessionAntiAffinity) }),
	};
}

function podRules({ preferredDuringSchedulingIgnoredDuringExecution: preferred, ...required }: SessionRules) {
	if (!preferred) return required;
	const terms = preferred.map(({ weight, sessionAffinityTerm }) => ({ weight, podAffinityTerm: sessionAffinityTerm }));
	return { ...required, preferredDuringSchedulingIgnoredDuringExecution: terms };
}

/** Kubernetes' classes: `Guaranteed` when cpu and memory are limited to what is requested; a session always requests something. */
export function qosClass({ requests, limits = {} }: Pick<SessionPlacement, "requests" | "limits">): "Guaranteed" | "Burstable" {
	const guaranteed = ["cpu", "memory"].every((name) => limits[name] !== undefined && limits[name] === requests[name]);
	return guaranteed ? "Guaranteed" : "Burstable";
}
