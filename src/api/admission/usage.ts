import type { KindDefinition } from "../../resources/kind.ts";
import { parseQuantity } from "../../resources/quantity.ts";
import type { ComputeResources } from "./compute-resources.ts";

/** How much of what a quota can name there is, by that name: objects, cores, bytes. */
export type Usage = Readonly<Record<string, number>>;

/** Core kinds that quotas count by their bare plural as well. */
const BARE_COUNTS: readonly string[] = ["pods", "secrets", "configmaps", "resourcequotas"];
/** What quotas may call by its name alone when they mean requests. */
const BARE_REQUESTS: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

type CountedKind = Pick<KindDefinition, "group" | "plural">;

/**
 * What one object of a kind is to quotas. A session is a pod too: pass the pods' kind and the resources of its agent on top.
 * @example countOf({ group: "klaw.sh", plural: "agents" }) // { "count/agents.klaw.sh": 1 }
 */
export function countOf({ group, plural }: CountedKind): Usage {
	if (group !== "") return { [`count/${plural}.${group}`]: 1 };
	return BARE_COUNTS.includes(plural) ? { [`count/${plural}`]: 1, [plural]: 1 } : { [`count/${plural}`]: 1 };
}

/** What a session asks for, in cores and bytes. */
export function computeUsageOf({ requests = {}, limits = {} }: ComputeResources): Usage {
	const usage: Record<string, number> = {};
	for (const [name, amount] of Object.entries(requests)) {
		usage[`requests.${name}`] = parseQuantity(amount);
		if (BARE_REQUESTS.includes(name)) usage[name] = parseQuantity(amount);
	}
	for (const [name, amount] of Object.entries(limits)) usage[`limits.${name}`] = parseQuantity(amount);
	return usage;
}

export interface SessionUsage {
	resources: ComputeResources;
	/** It is over: the object is still counted, what it asked for is not. */
	isFinished?: boolean;
}

/** What an object is to quotas: itself, and for a session the pod that it is. */
export function usageOf(kind: CountedKind, session?: SessionUsage): Usage {
	if (session === undefined) return countOf(kind);
	const pod = countOf({ group: "", plural: "pods" });
	if (session.isFinished) return { ...countOf(kind), "count/pods": 1 };
	return { ...countOf(kind), ...pod, ...computeUsageOf(session.resources) };
}

/** All of it together. */
export function totalOf(usages: Iterable<Usage>): Usage {
	const total: Record<string, number> = {};
	for (const usage of usages) for (const [name, amount] of Object.entries(usage)) total[name] = sum(total[name] ?? 0, amount);
	return total;
}

/** What an update adds; what it gives back is not of interest to a quota. */
export function increase(old: Usage, next: Usage): Usage {
	const added = Object.entries(next).map(([name, amount]) => [name, sum(amount, -(old[name] ?? 0))] as const);
	return Object.fromEntries(added.filter(([, amount]) => amount > 0));
}

/** Rounded to what a double holds for sure, so that 100m and 200m are 300m and not a little more. */
export function sum(a: number, b: number): number {
	return Number((a + b).toPrecision(15));
}
