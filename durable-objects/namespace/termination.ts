import type { Caller } from "../../src/api/request.ts";
import type { NamespaceHouse } from "./house.ts";
import { NAMESPACED_KINDS } from "./kinds.ts";

const CONTROLLER: Caller = { user: "system:serviceaccount:kube-system:namespace-controller", groups: ["system:masters"] };

/** One step towards an empty namespace. @returns whether it is empty; what has finalizers, or a session to stop, takes longer */
export function emptyStep({ host, view }: NamespaceHouse): boolean {
	let left = 0;
	for (const kind of NAMESPACED_KINDS) {
		if (kind.projection || !kind.verbs.includes("delete")) continue;
		const { group, version, plural } = kind;
		for (;;) {
			const before = host.store.count(plural);
			const answer = host.serve({
				verb: "deletecollection",
				caller: CONTROLLER,
				resource: { group, version, plural },
				namespace: view.namespace,
				list: {},
				delete: { dryRun: false, propagationPolicy: "Background" },
			});
			if (!answer.ok || host.store.count(plural) === before) break;
		}
		left += host.store.count(plural);
	}
	return left === 0;
}
