import { parseQuantity } from "../../resources/quantity.ts";
import { forbiddenBecause } from "../rbac/forbidden.ts";
import type { Status } from "../status.ts";
import { type ComputeResources, type Quantities, quantityOf } from "./compute-resources.ts";

/** One entry of a LimitRange. A session is a pod with one container, so `Pod` and `Container` bound the same. */
export interface Limits {
	type: string;
	max?: Quantities;
	min?: Quantities;
	default?: Quantities;
	defaultRequest?: Quantities;
	maxLimitRequestRatio?: Quantities;
}

/**
 * Stated resources with what LimitRanges add for those that are not stated; the first one that has a default wins. As in
 * Kubernetes, a maximum is a default limit as well, and a default limit or a minimum is a default request.
 */
export function withDefaults(stated: ComputeResources, limits: readonly Limits[]): ComputeResources {
	const containers = limits.filter(({ type }) => type === "Container");
	const limitDefaults = containers.map((item) => ({ ...item.max, ...item.default }));
	const requestDefaults = containers.map((item) => ({ ...item.min, ...item.max, ...item.default, ...item.defaultRequest }));
	// A limit that was stated is a request that was stated: a default one could be above it.
	const requests = merged([{ ...stated.limits, ...stated.requests }, ...requestDefaults]);
	const withLimits = merged([stated.limits ?? {}, ...limitDefaults]);
	return {
		...(Object.keys(requests).length > 0 && { requests }),
		...(Object.keys(withLimits).length > 0 && { limits: withLimits }),
	};
}

/** 403 in Kubernetes' words, with everything that is out of bounds. */
export function checkLimits(
	kind: { group: string; plural: string },
	name: string,
	resources: ComputeResources,
	limits: readonly Limits[],
): Status | undefined {
	const problems = limits.flatMap((item) => problemsOf(resources, item));
	if (problems.length === 0) return undefined;
	return forbiddenBecause(kind, name, problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`);
}

function problemsOf({ requests, limits }: ComputeResources, { type, min, max, maxLimitRequestRatio }: Limits): string[] {
	if (type !== "Container" && type !== "Pod") return [];
	const each = (bounds: Quantities | undefined, problem: (bound: string, bounded: Bounded) => string | undefined) =>
		Object.keys(bounds ?? {})
			.sort()
			.flatMap((name) => {
				const found = problem(quantityOf(bounds, name) ?? "", {
					name,
					type,
					request: quantityOf(requests, name),
					limit: quantityOf(limits, name),
				});
				return found === undefined ? [] : [found];
			});
	return [...each(min, belowMinimum), ...each(max, aboveMaximum), ...each(maxLimitRequestRatio, aboveRatio)];
}

interface Bounded {
	name: string;
	type: string;
	request: string | undefined;
	limit: string | undefined;
}

function belowMinimum(min: string, { name, type, request, limit }: Bounded): string | undefined {
	const rule = `minimum ${name} usage per ${type} is ${min}`;
	if (request === undefined) return `${rule}.  No request is specified`;
	if (parseQuantity(request) < parseQuantity(min)) return `${rule}, but request is ${request}`;
	if (limit !== undefined && parseQuantity(limit) < parseQuantity(min)) return `${rule}, but limit is ${limit}`;
	return undefined;
}

function aboveMaximum(max: string, { name, type, request, limit }: Bounded): string | undefined {
	const rule = `maximum ${name} usage per ${type} is ${max}`;
	if (limit === undefined) return `${rule}.  No limit is specified`;
	if (parseQuantity(limit) > parseQuantity(max)) return `${rule}, but limit is ${limit}`;
	if (request !== undefined && parseQuantity(request) > parseQuantity(max)) return `${rule}, but request is ${request}`;
	return undefined;
}

function aboveRatio(most: string, { name, type, request, limit }: Bounded): string | undefined {
	const rule = `${name} max limit to request ratio per ${type} is ${most}`;
	const requested = request === undefined ? 0 : parseQuantity(request);
	const limited = limit === undefined ? 0 : parseQuantity(limit);
	if (requested === 0) return `${rule}, but no request is specified or request is 0`;
	if (limited === 0) return `${rule}, but no limit is specified or limit is 0`;
	const ratio = limited / requested;
	return ratio > parseQuantity(most) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

/** The first that has a resource says how much of it. */
function merged(quantities: readonly Quantities[]): Record<string, string> {
	return Object.fromEntries(quantities.toReversed().flatMap((list) => Object.entries(list)));
}
