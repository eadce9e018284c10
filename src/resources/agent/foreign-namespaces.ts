import type { Cause } from "../../api/status.ts";
import type { Agent } from "./kind.ts";

/**
 * Affinity speaks of sessions of the agent's own namespace. Of those of another it would tell who asks whether they are there,
 * one name at a time, and anti-affinity to them would keep that whole namespace away from every node.
 */
export function foreignNamespaces({ metadata, spec: { affinity } }: Pick<Agent, "metadata" | "spec">): Cause[] {
	return (["sessionAffinity", "sessionAntiAffinity"] as const).flatMap((rules) => {
		const {
			requiredDuringSchedulingIgnoredDuringExecution: required = [],
			preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
		} = affinity?.[rules] ?? {};
		const terms = [
			...required.map((term, index) => ({ term, field: `requiredDuringSchedulingIgnoredDuringExecution[${index}]` })),
			...preferred.map(({ sessionAffinityTerm: term }, index) => ({
				...{ term, field: `preferredDuringSchedulingIgnoredDuringExecution[${index}].sessionAffinityTerm` },
			})),
		];
		return terms.flatMap(({ term, field }): Cause[] => {
			const foreign = term.namespaces?.find((namespace) => namespace !== metadata.namespace);
			if (foreign === undefined) return [];
			const message = `Forbidden: "${foreign}" is another namespace, whose sessions are none of this agent's: leave namespaces out`;
			return [{ reason: "FieldValueForbidden", field: `spec.affinity.${rules}.${field}.namespaces`, message }];
		});
	});
}
