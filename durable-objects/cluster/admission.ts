import type { Authorizer } from "../../src/api/rbac/authorizer.ts";
import { refuseBinding, refuseRole } from "../../src/api/rbac/escalation.ts";
import { forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import type { ApiRequest } from "../../src/api/request.ts";
import type { Status } from "../../src/api/status.ts";
import { clusterKind } from "../../src/resources/cluster/kind.ts";
import { clusterRoleKind } from "../../src/resources/clusterrole/kind.ts";
import { clusterRoleBindingKind } from "../../src/resources/clusterrolebinding/kind.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import { namespaceKind } from "../../src/resources/namespace/kind.ts";
import { priorityClassKind } from "../../src/resources/priorityclass/kind.ts";
import { systemClass } from "../../src/resources/priorityclass/system-classes.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { DEFAULT_CLUSTER } from "../names.ts";
import type { Admission } from "../store/owner.ts";
import { DEFAULT_NAMESPACE } from "./namespaces.ts";

/** Whether a role or binding would let its author give more than they have. Its annotations are free, and a binding's labels. */
export function refuseEscalation(authorizer: Authorizer, { kind, object, old, caller }: Admission): Status | undefined {
	const { plural } = kind;
	const { name } = object.metadata;
	if (plural === clusterRoleKind.plural) {
		const { rules = [], aggregationRule } = clusterRoleKind.schema.parse(contentOf(object, "rules", "aggregationRule"));
		const isSame = old && canonicalJson(contentOf(old, "rules", "aggregationRule")) === canonicalJson({ rules, aggregationRule });
		// By its labels other roles collect it, and whoever is bound to them has its rules.
		if (isSame && canonicalJson(old.metadata.labels ?? {}) === canonicalJson(object.metadata.labels ?? {})) return undefined;
		return refuseRole(authorizer, caller, { plural: "clusterroles", name }, { rules, aggregated: aggregationRule !== undefined });
	}
	if (plural === clusterRoleBindingKind.plural) {
		const { roleRef, subjects } = clusterRoleBindingKind.schema.parse(contentOf(object, "roleRef", "subjects"));
		if (old && canonicalJson(contentOf(old, "roleRef", "subjects")) === canonicalJson({ roleRef, subjects })) return undefined;
		return refuseBinding(authorizer, caller, { plural: "clusterrolebindings", name }, roleRef);
	}
	return undefined;
}

/** Some fields of an object of which the type is known by its kind only. */
function contentOf(object: BaseResource, ...fields: string[]): Record<string, unknown> {
	return Object.fromEntries(fields.map((field) => [field, Reflect.get(object, field)]));
}

/** What no way of deletion may touch, whatever its finalizers. */
export function refuseDeletion(request: ApiRequest): Status | undefined {
	if (request.verb !== "delete") return undefined;
	const { plural } = request.resource;
	if (plural === namespaceKind.plural && request.name === DEFAULT_NAMESPACE) {
		return forbiddenBecause(namespaceKind, request.name, "this namespace may not be deleted");
	}
	if (plural === priorityClassKind.plural && systemClass(request.name)) {
		return forbiddenBecause(priorityClassKind, request.name, "this is a system priority class and cannot be deleted");
	}
	if (plural === clusterKind.plural && request.name === DEFAULT_CLUSTER) {
		return forbiddenBecause(clusterKind, request.name, "this cluster may not be deleted");
	}
	return undefined;
}
