import type { StoredNode } from "./ledger.ts";

/** Label of a node: who may share it; absent: sessions of one namespace at a time. */
export const ISOLATION_LABEL = "klaw.sh/isolation";

/** The namespace that a container is given to until it stops, since what one left behind is nothing for another. */
export function isolationOfContainer({ source, boundNamespace, labels }: StoredNode): string | undefined {
	return source === "container" && labels[ISOLATION_LABEL] !== "none" ? boundNamespace : undefined;
}
