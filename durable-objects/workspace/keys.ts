import type { BlobKind } from "../../containers/node/checkpoint/protocol.ts";
import type { SessionIdentity } from "../ports.ts";
import { workspaceName } from "../session/state.ts";

/** Which workspace of which cluster. */
export interface WorkspacePlace {
	cluster: string;
	namespace: string;
	/** Name of its directory on a node, which begins with the namespace: see {@link workspaceName}. */
	workspace: string;
}

/** A kind of stored things, or one of them by the SHA-256 of its bytes. */
type Within = { kind: BlobKind; name?: string };

/**
 * Where the store keeps a workspace: `<cluster>/<namespace>/<session>.<uid8>/`, and in it `blob/<sha256>` and
 * `manifest/<sha256>`. The only place that makes keys, so that no workspace reaches into another, nor a namespace into another.
 *
 * @throws Error when the workspace is not of that namespace
 */
export function workspaceKey({ cluster, namespace, workspace }: WorkspacePlace, within?: Within): string {
	const session = workspace.slice(namespace.length + 1);
	if (workspace !== `${namespace}.${session}` || !/^[^./][^/]*$/.test(session))
		throw new Error(`"${workspace}" is no workspace of the namespace "${namespace}".`);
	return `${cluster}/${namespace}/${session}/${within ? `${within.kind}/${within.name ?? ""}` : ""}`;
}

export function placeOf(cluster: string, identity: SessionIdentity): WorkspacePlace {
	return { cluster, namespace: identity.namespace, workspace: workspaceName(identity) };
}
