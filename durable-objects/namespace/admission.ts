import type { Authorizer } from "../../src/api/rbac/authorizer.ts";
import { refuseBinding, refuseRole } from "../../src/api/rbac/escalation.ts";
import { forbidden, forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import type { PolicyRule, RoleRef, Subject } from "../../src/api/rbac/policy.ts";
import type { Attributes } from "../../src/api/request.ts";
import { ApiError, type Status } from "../../src/api/status.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { sessionKind } from "../../src/resources/session/kind.ts";
import { type Task, taskKind } from "../../src/resources/task/kind.ts";
import type { Admission } from "../store/owner.ts";

type RoleObject = BaseResource & { rules?: readonly PolicyRule[] };
type BindingObject = BaseResource & { roleRef: RoleRef; subjects?: readonly Subject[] };

/** Nothing new comes into a namespace that is going. @throws ApiError 403 in Kubernetes' words */
export function refuseWhileTerminating({ verb, kind, object }: Admission, namespace: string, phase: string): void {
	if (phase !== "Terminating" || verb !== "create") return;
	const status = forbiddenBecause(
		kind,
		object.metadata.name,
		`unable to create new content in namespace ${namespace} because it is being terminated`,
	);
	const cause = {
		reason: "NamespaceTerminating" as const,
		field: "metadata.namespace",
		message: `namespace ${namespace} is being terminated`,
	};
	throw new ApiError({ ...status, details: { ...status.details, causes: [cause] } });
}

/** Nobody hands out what they do not have. @throws ApiError 403 */
export function refuseEscalation({ kind, object, old, caller }: Admission, authorizer: Authorizer, namespace: string): void {
	const { name } = object.metadata;
	let refused: Status | undefined;
	if (kind.plural === "roles") {
		const { rules = [] } = object as RoleObject;
		if (!old || canonicalJson((old as RoleObject).rules ?? []) !== canonicalJson(rules))
			refused = refuseRole(authorizer, caller, { plural: "roles", namespace, name }, { rules });
	} else if (kind.plural === "rolebindings") {
		const { roleRef, subjects = [] } = object as BindingObject;
		if (!old || canonicalJson((old as BindingObject).subjects ?? []) !== canonicalJson(subjects))
			refused = refuseBinding(authorizer, caller, { plural: "rolebindings", namespace, name }, roleRef);
	}
	if (refused) throw new ApiError(refused);
}

/** A task that names a session speaks in it, so its creator must be allowed to. @throws ApiError 403 */
export function refuseForeignSession({ verb, kind, object, caller }: Admission, authorizer: Authorizer, namespace: string): void {
	const { session } = (object as Partial<Task>).spec ?? {};
	if (verb !== "create" || kind.plural !== taskKind.plural || session === undefined) return;
	const attributes: Attributes = { verb: "create", group: sessionKind.group, resource: "sessions/messages", namespace, name: session };
	const { allowed, reason } = authorizer.authorize(caller, attributes);
	if (!allowed) throw new ApiError(forbidden(caller, attributes, reason));
}
