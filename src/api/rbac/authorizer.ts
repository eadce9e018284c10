import type { Attributes, Caller } from "../request.ts";
import type { Binding, NamespacePolicy, Policy, PolicyRule, RoleRef, Subject } from "./policy.ts";
import { allows, allowsPath } from "./rule.ts";

/** May do anything, whatever the policy says: as in Kubernetes, the way back in for whoever broke it. */
export const SUPERUSERS = "system:masters";

export interface Decision {
	allowed: boolean;
	/** Which binding allowed it, or why bindings of the caller could not; mostly empty for a denial. */
	reason: string;
}

/** A binding as it concerns one subject. */
interface Grant {
	rules: readonly PolicyRule[];
	/** Why a request is allowed by this. */
	reason: string;
	/** The role is missing. */
	problem?: string;
}

/**
 * Decides by RBAC's rules: default deny, rules only add. Made once from a policy; a check then looks only at the
 * bindings of the caller, which takes microseconds.
 */
export class Authorizer {
	readonly #everywhere = new Map<string, Grant[]>();
	readonly #here = new Map<string, Grant[]>();
	readonly #policy: Policy;
	readonly #local: NamespacePolicy | undefined;

	/** Without `local` it decides about what concerns the whole cluster. */
	constructor(policy: Policy, local?: NamespacePolicy) {
		this.#policy = policy;
		this.#local = local;
		for (const binding of policy.clusterRoleBindings) this.#add(this.#everywhere, binding);
		for (const binding of local?.roleBindings ?? []) this.#add(this.#here, binding, local?.namespace);
	}

	authorize(caller: Caller, attributes: Attributes): Decision {
		return this.#decide(caller, attributes.namespace, (rule) => allows(rule, attributes));
	}

	/** For paths that are no resources, such as `/metrics`. `verb` is the HTTP method in small letters. */
	authorizePath(caller: Caller, verb: string, path: string): Decision {
		return this.#decide(caller, "", (rule) => allowsPath(rule, verb, path));
	}

	/** Everything that the caller may do in a namespace, or cluster-wide for `""`. Not what comes with {@link SUPERUSERS}. */
	rulesFor(caller: Caller, namespace: string): PolicyRule[] {
		return this.#grants(caller, namespace).flatMap(({ rules }) => rules);
	}

	/** The rules of a role that is bound here; `undefined` when there is no such role. */
	rulesOf(role: RoleRef): readonly PolicyRule[] | undefined {
		const roles = role.kind === "ClusterRole" ? this.#policy.clusterRoles : this.#local?.roles;
		return roles && Object.hasOwn(roles, role.name) ? roles[role.name] : undefined;
	}

	#decide(caller: Caller, namespace: string, allows: (rule: PolicyRule) => boolean): Decision {
		if (caller.groups.includes(SUPERUSERS)) return { allowed: true, reason: "" };
		const grants = this.#grants(caller, namespace);
		const grant = grants.find(({ rules }) => rules.some(allows));
		if (grant) return { allowed: true, reason: grant.reason };
		const problems = [...new Set(grants.flatMap(({ problem }) => problem ?? []))];
		return {
			allowed: false,
			reason: problems.length === 0 ? "" : `RBAC: ${problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`}`,
		};
	}

	#grants({ user, groups }: Caller, namespace: string): Grant[] {
		const keys = [userKey(user), ...groups.map(groupKey)];
		const maps = namespace !== "" && namespace === this.#local?.namespace ? [this.#everywhere, this.#here] : [this.#everywhere];
		return maps.flatMap((grants) => keys.flatMap((key) => grants.get(key) ?? []));
	}

	#add(grants: Map<string, Grant[]>, { name, roleRef, subjects }: Binding, namespace?: string): void {
		const rules = this.rulesOf(roleRef);
		const binding = namespace === undefined ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
		for (const subject of subjects) {
			const key = keyOf(subject, namespace);
			const reason = `RBAC: allowed by ${binding} of ${roleRef.kind} "${roleRef.name}" to ${described(subject, namespace)}`;
			const grant = rules ? { rules, reason } : { rules: [], reason, problem: missing(roleRef) };
			const known = grants.get(key);
			if (known) known.push(grant);
			else grants.set(key, [grant]);
		}
	}
}

/** @example serviceAccountUser("a", "builder") // "system:serviceaccount:a:builder" */
export function serviceAccountUser(namespace: string, name: string): string {
	return `system:serviceaccount:${namespace}:${name}`;
}

const userKey = (name: string) => `User ${name}`;
const groupKey = (name: string) => `Group ${name}`;

/** A ServiceAccount without a namespace is one of the binding's. */
function keyOf({ kind, name, namespace }: Subject, here = ""): string {
	if (kind === "Group") return groupKey(name);
	return userKey(kind === "User" ? name : serviceAccountUser(namespace || here, name));
}

function described({ kind, name, namespace }: Subject, here = ""): string {
	return `${kind} "${kind === "ServiceAccount" ? `${name}/${namespace || here}` : name}"`;
}

function missing({ kind, name }: RoleRef): string {
	return `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`;
}
