import type { AgentResources } from "../agent/resources.ts";
import { canonicalQuantity, parseQuantity } from "../quantity.ts";
import type { LimitRangeItem } from "./kind.ts";

type Amounts = Readonly<Record<string, unknown>>;

/**
 * An agent's spec as it was sent, with the defaults of the LimitRanges for what it does not state. It comes before the
 * schema, which fills in klaw's own defaults: afterwards nobody could tell what was stated.
 */
export function withLimitDefaults(spec: unknown, items: readonly LimitRangeItem[]): unknown {
	const sent = spec ?? {};
	if (!isRecord(sent)) return spec;
	const { resources = {}, ...rest } = sent;
	// What is wrong is for the schema to say.
	if (!isRecord(resources)) return spec;
	let requests: Amounts = isRecord(resources.requests) ? resources.requests : {};
	let limits: Amounts = isRecord(resources.limits) ? resources.limits : {};
	// As in Kubernetes: what states a limit and no request requests the limit.
	requests = { ...limits, ...requests };
	for (const item of items.filter(({ type }) => type === "Container")) {
		requests = { ...known(item.defaultRequest ?? item.default), ...requests };
		limits = { ...known(item.default), ...limits };
	}
	const filled = { ...(hasAny(requests) && { requests }), ...(hasAny(limits) && { limits }) };
	return hasAny(filled) ? { ...rest, resources: { ...resources, ...filled } } : spec;
}

/** Resources that agents have. A LimitRange may name others. */
const AGENT_RESOURCES = ["cpu", "memory", "ephemeral-storage"];

function known(amounts: Amounts = {}): Amounts {
	return Object.fromEntries(Object.entries(amounts).filter(([name]) => AGENT_RESOURCES.includes(name)));
}

/** What a LimitRange forbids an agent, in Kubernetes' words. `[]`: nothing. The answer is a 403. */
export function limitProblems({ requests, limits = {} }: AgentResources, items: readonly LimitRangeItem[]): string[] {
	const problems: string[] = [];
	for (const { type, min = {}, max = {}, maxLimitRequestRatio = {} } of items) {
		const read = (amounts: Amounts, name: string) => (typeof amounts[name] === "string" ? amounts[name] : undefined);
		for (const [name, least] of Object.entries(min)) {
			const rule = `minimum ${name} usage per ${type} is ${least}`;
			problems.push(...bounded(rule, "request", read(requests, name), (value) => value >= parseQuantity(least)));
		}
		for (const [name, most] of Object.entries(max)) {
			const rule = `maximum ${name} usage per ${type} is ${most}`;
			problems.push(...bounded(rule, "limit", read(limits, name), (value) => value <= parseQuantity(most)));
		}
		for (const [name, most] of Object.entries(maxLimitRequestRatio)) {
			const [request, limit] = [read(requests, name), read(limits, name)];
			const ratio = request === undefined || limit === undefined ? undefined : parseQuantity(limit) / parseQuantity(request);
			const rule = `${name} max limit to request ratio per ${type} is ${most}`;
			if (ratio === undefined) problems.push(`${rule}, but no request is specified or request is 0`);
			else if (ratio > parseQuantity(most)) problems.push(`${rule}, but provided ratio is ${ratio.toFixed(6)}`);
		}
	}
	return problems;
}

function bounded(rule: string, what: string, value: string | undefined, holds: (value: number) => boolean): string[] {
	if (value === undefined) return [`${rule}.  No ${what} is specified`];
	return holds(parseQuantity(value)) ? [] : [`${rule}, but ${what} is ${canonicalQuantity(value)}`];
}

function hasAny(amounts: object): boolean {
	return Object.keys(amounts).length > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
