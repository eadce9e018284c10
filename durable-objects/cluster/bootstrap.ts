import { missingRules } from "../../src/api/rbac/cover.ts";
import { DEFAULT_CLUSTER_ROLE_BINDINGS } from "../../src/api/rbac/default-bindings.ts";
import { AUTOUPDATE, DEFAULT_CLUSTER_ROLES, DEFAULT_LABELS, type DefaultClusterRole } from "../../src/api/rbac/default-roles.ts";
import { type Binding, RBAC_GROUP, type RoleRef } from "../../src/api/rbac/policy.ts";
import type { ClusterRole } from "../../src/resources/clusterrole/kind.ts";
import type { ClusterRoleBinding } from "../../src/resources/clusterrolebinding/kind.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import { type BaseResource, type ObjectMeta, timestamp } from "../../src/resources/resource.ts";
import { put, type StoreChange } from "../store/decision.ts";

export interface BootstrapStamp {
	/** Milliseconds since the epoch. */
	now: number;
	uid(): string;
}

/** Reads an object as it is stored. */
export type Lookup = <R extends BaseResource>(plural: string, name: string) => R | undefined;

const API_VERSION = `${RBAC_GROUP}/v1`;

/**
 * What a cluster lacks of the default roles and bindings. As in Kubernetes what was added to them stays, what was taken
 * away comes back, and the annotation `rbac.authorization.kubernetes.io/autoupdate: "false"` leaves them alone.
 */
export function bootstrapPolicy(lookup: Lookup, stamp: BootstrapStamp): StoreChange[] {
	const roles = DEFAULT_CLUSTER_ROLES.flatMap((role) => {
		const stored = lookup<ClusterRole>("clusterroles", role.name);
		return changed("clusterroles", stored, stored ? reconciledRole(stored, role) : newRole(role, stamp));
	});
	const bindings = DEFAULT_CLUSTER_ROLE_BINDINGS.flatMap((binding) => {
		const stored = lookup<ClusterRoleBinding>("clusterrolebindings", binding.name);
		return changed("clusterrolebindings", stored, stored ? reconciledBinding(stored, binding) : newBinding(binding, stamp));
	});
	return [...roles, ...bindings];
}

function newRole({ name, labels, rules, aggregationRule }: DefaultClusterRole, stamp: BootstrapStamp): ClusterRole {
	return {
		apiVersion: API_VERSION,
		kind: "ClusterRole",
		metadata: newMetadata(name, labels, stamp),
		...(aggregationRule && { aggregationRule }),
		rules: [...(rules ?? [])],
	};
}

function newBinding({ name, roleRef, subjects }: Binding, stamp: BootstrapStamp): ClusterRoleBinding {
	return {
		apiVersion: API_VERSION,
		kind: "ClusterRoleBinding",
		metadata: newMetadata(name, {}, stamp),
		roleRef: complete(roleRef),
		subjects: [...subjects],
	};
}

function reconciledRole(stored: ClusterRole, { labels, rules = [], aggregationRule }: DefaultClusterRole): ClusterRole {
	if (isLeftAlone(stored)) return stored;
	const role: ClusterRole = { ...stored, metadata: marked(stored.metadata, labels) };
	if (!aggregationRule) return { ...role, rules: [...(stored.rules ?? []), ...missingRules(stored.rules ?? [], rules)] };
	const known = stored.aggregationRule?.clusterRoleSelectors ?? [];
	const lost = aggregationRule.clusterRoleSelectors.filter((wanted) => !known.some((selector) => same(selector, wanted)));
	return { ...role, aggregationRule: { clusterRoleSelectors: [...known, ...lost] } };
}

/** A binding cannot change its role, so one that has another is made anew. */
function reconciledBinding(stored: ClusterRoleBinding, { roleRef, subjects }: Binding): ClusterRoleBinding {
	if (isLeftAlone(stored)) return stored;
	const known = stored.subjects ?? [];
	const lost = subjects.filter((wanted) => !known.some(({ kind, name }) => kind === wanted.kind && name === wanted.name));
	return { ...stored, metadata: marked(stored.metadata), roleRef: complete(roleRef), subjects: [...known, ...lost] };
}

function complete({ kind, name }: RoleRef): ClusterRoleBinding["roleRef"] {
	return { apiGroup: RBAC_GROUP, kind, name };
}

function newMetadata(name: string, labels: DefaultClusterRole["labels"], { now, uid }: BootstrapStamp): ObjectMeta {
	return marked({ name, uid: uid(), resourceVersion: "", creationTimestamp: timestamp(now) }, labels);
}

function marked(metadata: ObjectMeta, labels: DefaultClusterRole["labels"] = {}): ObjectMeta {
	return {
		...metadata,
		labels: { ...metadata.labels, ...DEFAULT_LABELS, ...labels },
		annotations: { [AUTOUPDATE]: "true", ...metadata.annotations },
	};
}

function isLeftAlone({ metadata }: BaseResource): boolean {
	return metadata.annotations?.[AUTOUPDATE] === "false";
}

function changed(plural: string, stored: BaseResource | undefined, wanted: BaseResource): StoreChange[] {
	return stored && same(stored, wanted) ? [] : [put(plural, wanted)];
}

function same(a: unknown, b: unknown): boolean {
	return canonicalJson(a) === canonicalJson(b);
}
