import type { Attributes, Caller } from "../request.ts";
import { failure, type Status } from "../status.ts";

/** 403 in Kubernetes' words. It says the same whether what was asked for exists or not. */
export function forbidden({ user }: Caller, { verb, group, resource, namespace, name }: Attributes, reason = ""): Status {
	const [plural = resource] = resource.split("/");
	const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
	const why = `User ${JSON.stringify(user)} cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
	return forbiddenBecause({ group, plural }, name, reason === "" ? why : `${why}: ${reason}`);
}

/** 403 for a path that is no resource. */
export function forbiddenPath({ user }: Caller, verb: string, path: string): Status {
	return failure("Forbidden", `forbidden: User ${JSON.stringify(user)} cannot ${verb} path "${path}"`, {});
}

/** 403 for another reason than that the verb is not allowed. */
export function forbiddenBecause({ group, plural }: { group: string; plural: string }, name: string, why: string): Status {
	const qualified = group === "" ? plural : `${plural}.${group}`;
	const what = name === "" ? qualified : `${qualified} "${name}"`;
	return failure("Forbidden", `${what} is forbidden: ${why}`, { ...(name !== "" && { name }), group, kind: plural });
}
