import type { Attributes, Caller } from "../request.ts";
import { failure, type Status } from "../status.ts";
import { type Authorizer, SUPERUSERS } from "./authorizer.ts";
import { describeRule, missingRules, quotedList } from "./cover.ts";
import { forbiddenBecause } from "./forbidden.ts";
import { type PolicyRule, RBAC_GROUP, type RoleRef } from "./policy.ts";

/** What aggregation may come to grant, so whoever sets it up must hold it. */
const EVERYTHING: readonly PolicyRule[] = [
	{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
	{ verbs: ["*"], nonResourceURLs: ["*"] },
];

/** Pairs of a verb and a thing that are looked at: some 50 ms. A role of 1 MB could name millions. */
const COMBINATIONS_LIMIT = 10_000;

/** A role or binding that is about to be written. */
export interface RbacObject {
	plural: "roles" | "clusterroles" | "rolebindings" | "clusterrolebindings";
	/** Absent for what is cluster-wide. */
	namespace?: string;
	/** `""` before a generated name is known. */
	name: string;
}

/**
 * Nobody makes a role that allows more than they may do themselves, unless they have the verb `escalate` on it.
 * @returns why not, as 403, or nothing. Call it when the rules change, or the labels by which others collect them.
 */
export function refuseRole(
	authorizer: Authorizer,
	caller: Caller,
	role: RbacObject,
	{ rules, aggregated = false }: { rules: readonly PolicyRule[]; aggregated?: boolean },
): Status | undefined {
	if (may(authorizer, caller, "escalate", role)) return undefined;
	if (aggregated && missingRules(authorizer.rulesFor(caller, ""), EVERYTHING).length > 0) {
		return because(role, "must have cluster-admin privileges to use the aggregationRule");
	}
	return refuseRules(authorizer, caller, role, rules);
}

/**
 * Nobody binds a role that allows more than they may do themselves, unless they have the verb `bind` on it.
 * @returns why not, as 403, or 404 when there is no such role. Call it when role or subjects change only.
 */
export function refuseBinding(authorizer: Authorizer, caller: Caller, binding: RbacObject, roleRef: RoleRef): Status | undefined {
	const plural = roleRef.kind === "ClusterRole" ? "clusterroles" : "roles";
	if (may(authorizer, caller, "bind", { plural, namespace: binding.namespace, name: roleRef.name })) return undefined;
	const rules = authorizer.rulesOf(roleRef);
	if (!rules) {
		const details = { name: roleRef.name, group: RBAC_GROUP, kind: plural };
		return failure("NotFound", `${plural}.${RBAC_GROUP} "${roleRef.name}" not found`, details);
	}
	return refuseRules(authorizer, caller, binding, rules);
}

function refuseRules(authorizer: Authorizer, caller: Caller, object: RbacObject, wanted: readonly PolicyRule[]): Status | undefined {
	const combinations = wanted.reduce((sum, rule) => sum + combinationsOf(rule), 0);
	if (combinations > COMBINATIONS_LIMIT) {
		const most = COMBINATIONS_LIMIT.toLocaleString("en");
		return because(
			object,
			`its rules combine verbs, resources and names in ${combinations} ways, and at most ${most} can be compared with what you may do. Split it.`,
		);
	}
	const missing = missingRules(authorizer.rulesFor(caller, object.namespace ?? ""), wanted);
	if (missing.length === 0) return undefined;
	const who = `user ${JSON.stringify(caller.user)} (groups=${quotedList(caller.groups)})`;
	const rules = missing.map(describeRule).sort().join("\n");
	return because(object, `${who} is attempting to grant RBAC permissions not currently held:\n${rules}`);
}

function combinationsOf({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): number {
	return verbs.length * (apiGroups.length * resources.length * Math.max(1, resourceNames.length) + nonResourceURLs.length);
}

function may(authorizer: Authorizer, caller: Caller, verb: string, { plural, namespace = "", name }: RbacObject): boolean {
	if (caller.groups.includes(SUPERUSERS)) return true;
	const attributes: Attributes = { verb, group: RBAC_GROUP, resource: plural, namespace, name };
	return authorizer.authorize(caller, attributes).allowed;
}

function because({ plural, name }: RbacObject, why: string): Status {
	return forbiddenBecause({ group: RBAC_GROUP, plural }, name, why);
}
