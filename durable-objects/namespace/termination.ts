import type { Caller } from "../../src/api/request.ts";
import type { KindDefinition } from "../../src/resources/kind.ts";
import type { NamespaceHouse } from "./house.ts";
import { NAMESPACED_KINDS } from "./kinds.ts";

const CONTROLLER: Caller = { user: "system:serviceaccount:kube-system:namespace-controller", groups: ["system:masters"] };

/** What a step came to. */
interface EmptyStep {
	isEmpty: boolean;
	/** Anything was deleted, or marked. */
	moved: boolean;
}

/** One step towards an empty namespace. What has finalizers, or a session to stop, takes longer. */
export function emptyStep(house: NamespaceHouse): EmptyStep {
	const { store } = house.host;
	const kinds = NAMESPACED_KINDS.filter(({ projection, verbs }) => !projection && verbs.includes("delete"));
	const before = store.version();
	for (const kind of kinds) if (hasMore(house, kind)) deleteAll(house, kind);
	return { isEmpty: kinds.every(({ plural }) => store.count(plural) === 0), moved: store.version() !== before };
}

/** Whether there is anything that was not deleted yet: asking for the rest again would only fill the audit log. */
function hasMore({ host }: NamespaceHouse, { plural }: KindDefinition): boolean {
	for (const { metadata } of host.store.all(plural)) if (metadata.deletionTimestamp === undefined) return true;
	return false;
}

/** Page by page: those on the first may all be held by finalizers. */
function deleteAll({ host, view }: NamespaceHouse, { group, version, plural }: KindDefinition): void {
	for (let token: string | undefined = ""; token !== undefined; ) {
		const answer = host.serve({
			verb: "deletecollection",
			caller: CONTROLLER,
			resource: { group, version, plural },
			namespace: view.namespace,
			list: token === "" ? {} : { continue: token },
			delete: { dryRun: false, propagationPolicy: "Background" },
		});
		token = answer.ok && answer.value.type === "list" ? answer.value.continue : undefined;
	}
}
