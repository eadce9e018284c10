import type { ApiResource } from "../api-resource.ts";
import { describeConfigMap, describeSecret, describeServiceAccount } from "./config.ts";
import type { Describe } from "./describer.ts";
import { describeGeneric } from "./generic.ts";
import { describeNode } from "./node.ts";
import { describePod } from "./pod.ts";
import { describePriorityClass } from "./priority-class.ts";
import { describeLimitRange, describeNamespace, describeResourceQuota } from "./quota.ts";
import { describeBinding, describeRole } from "./rbac.ts";

/** Kinds with a description of their own, by group and plural. */
const DESCRIBERS: Readonly<Record<string, Describe>> = {
	"/configmaps": describeConfigMap,
	"/limitranges": describeLimitRange,
	"/namespaces": describeNamespace,
	"/nodes": describeNode,
	"/pods": describePod,
	"/resourcequotas": describeResourceQuota,
	"/secrets": describeSecret,
	"/serviceaccounts": describeServiceAccount,
	"rbac.authorization.k8s.io/clusterrolebindings": describeBinding,
	"rbac.authorization.k8s.io/clusterroles": describeRole,
	"rbac.authorization.k8s.io/rolebindings": describeBinding,
	"rbac.authorization.k8s.io/roles": describeRole,
	"scheduling.k8s.io/priorityclasses": describePriorityClass,
};

export function describerOf({ group, plural }: Pick<ApiResource, "group" | "plural">): Describe {
	return DESCRIBERS[`${group}/${plural}`] ?? describeGeneric;
}
