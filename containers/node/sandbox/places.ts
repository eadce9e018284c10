import { basename, join } from "node:path";

/** Where a node keeps things. Real paths. */
export interface Places {
	dataDir: string;
	/** Holds the workspaces, a directory each; often in the data directory. */
	workspaces: string;
}

/** A session's directory for temporary files: in no checkpoint, seen by nobody else, gone with the session. */
export function temporaryOf({ dataDir }: Pick<Places, "dataDir">, workspace: string): string {
	return join(dataDir, "tmp", basename(workspace));
}
