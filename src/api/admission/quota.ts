import { formatQuantity, parseQuantity, unitsOf } from "../../resources/quantity.ts";
import { forbiddenBecause } from "../rbac/forbidden.ts";
import type { Status } from "../status.ts";
import { type ComputeResources, type Quantities, quantityOf } from "./compute-resources.ts";
import { sum, type Usage } from "./usage.ts";

/** A ResourceQuota as it stands. */
export interface Quota {
	name: string;
	hard: Quantities;
	/** Before the write. */
	used: Usage;
}

/** A write that is to be admitted. */
export interface QuotaRequest {
	kind: { group: string; plural: string };
	name: string;
	/** What there is more of after it. */
	adds: Usage;
	/** For a session: what it states, of which a quota on compute resources demands that it be stated. */
	compute?: { container: string; resources: ComputeResources };
}

/** Resources that must be stated as soon as a quota limits them: Kubernetes' rule for pods. */
const MUST_BE_STATED = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/** 403 in Kubernetes' words for the first quota that a write would exceed, or that it does not say enough for. */
export function checkQuotas(quotas: readonly Quota[], request: QuotaRequest): Status | undefined {
	for (const quota of quotas) {
		const why = missing(quota, request.compute) ?? exceeded(quota, request.adds);
		if (why !== undefined) return forbiddenBecause(request.kind, request.name, why);
	}
	return undefined;
}

function missing({ name, hard }: Quota, compute: QuotaRequest["compute"]): string | undefined {
	if (compute === undefined) return undefined;
	const unstated = MUST_BE_STATED.filter((resource) => Object.hasOwn(hard, resource) && !states(compute.resources, resource));
	if (unstated.length === 0) return undefined;
	return `failed quota: ${name}: must specify ${unstated.map((resource) => `${resource} for: ${compute.container}`).join("; ")}`;
}

function states({ requests, limits }: ComputeResources, resource: string): boolean {
	const [side, name = side] = resource.split(".");
	return quantityOf(side === "limits" ? limits : requests, name ?? "") !== undefined;
}

function exceeded({ name, hard, used }: Quota, adds: Usage): string | undefined {
	const over = Object.keys(hard)
		.sort()
		.filter((resource) => {
			const added = amountIn(adds, resource);
			return added > 0 && sum(amountIn(used, resource), added) > limitOf(hard, resource);
		});
	if (over.length === 0) return undefined;
	const list = (amount: (resource: string) => string) => over.map((resource) => `${resource}=${amount(resource)}`).join(",");
	const inUnits = (usage: Usage) => (resource: string) => formatQuantity(amountIn(usage, resource), unitsOf(hard[resource] ?? ""));
	return `exceeded quota: ${name}, requested: ${list(inUnits(adds))}, used: ${list(inUnits(used))}, limited: ${list((resource) => hard[resource] ?? "")}`;
}

/** What `status.used` of a quota says: every resource that it limits, also where there is none. */
export function usedOf(hard: Quantities, usage: Usage): Record<string, string> {
	return Object.fromEntries(
		Object.entries(hard).map(([resource, limit]) => [resource, formatQuantity(amountIn(usage, resource), unitsOf(limit))]),
	);
}

function amountIn(usage: Usage, resource: string): number {
	return Object.hasOwn(usage, resource) ? (usage[resource] ?? 0) : 0;
}

function limitOf(hard: Quantities, resource: string): number {
	return parseQuantity(quantityOf(hard, resource) ?? "0");
}
