import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TRIES = 3;

/**
 * Removes whatever is at a path; nothing at it is fine.
 *
 * With rm(1), which walks from one open directory to the next. Node's own `rm` names each entry by its whole path, so
 * whoever may change a directory of the tree meanwhile (another session, where this one let everybody in) puts a link in its
 * place and has root remove what the link leads to. Nor does it remove a tree deeper than a path can be long.
 *
 * @throws Error in rm's words
 */
export async function removeTree(path: string): Promise<void> {
	for (let tried = 1; ; tried++) {
		try {
			await run("rm", ["-rf", "--", path]);
			return;
		} catch (error) {
			// Something is still being written there.
			if (tried === TRIES) throw error;
		}
	}
}
