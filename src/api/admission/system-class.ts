import { type Agent, agentKind } from "../../resources/agent/kind.ts";
import { SYSTEM_CLASSES } from "../../resources/priorityclass/system-classes.ts";
import type { ResourceQuotaSpec } from "../../resources/resourcequota/schema.ts";
import { forbiddenBecause } from "../rbac/forbidden.ts";
import type { Caller } from "../request.ts";
import type { Status } from "../status.ts";
import { isInScope } from "./quota-scope.ts";

const MASTERS = "system:masters";
const NAMES: readonly string[] = SYSTEM_CLASSES.map(({ name }) => name);

/**
 * The classes of the system's own work come before everybody's: an agent may name one only where a quota limits it by the
 * scope PriorityClass, or if one of {@link MASTERS} says so. That is what `limitedResources` in the configuration of
 * kube-apiserver's ResourceQuota admission does in managed clusters, and these are its words. An agent that named the class
 * before may keep it.
 *
 * @param quotas of the namespace
 */
export function refuseSystemClass(
	{ metadata, spec }: Pick<Agent, "metadata" | "spec">,
	old: Pick<Agent, "spec"> | undefined,
	{ groups }: Pick<Caller, "groups">,
	quotas: readonly Pick<ResourceQuotaSpec, "scopes" | "scopeSelector">[],
): Status | undefined {
	const name = spec.priorityClassName;
	if (name === undefined || !NAMES.includes(name) || name === old?.spec.priorityClassName || groups.includes(MASTERS)) return undefined;
	const session = { priorityClassName: name, isTerminating: true, isBestEffort: false };
	if (quotas.some((quota) => isAboutClasses(quota) && isInScope(quota, session))) return undefined;
	const why = `insufficient quota to match these scopes: [{PriorityClass In [${NAMES.join(" ")}]}]`;
	return forbiddenBecause(agentKind, metadata.name, why);
}

function isAboutClasses({ scopes = [], scopeSelector }: Pick<ResourceQuotaSpec, "scopes" | "scopeSelector">): boolean {
	const named = [...scopes, ...(scopeSelector?.matchExpressions ?? []).map(({ scopeName }) => scopeName)];
	return named.includes("PriorityClass");
}
