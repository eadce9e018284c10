import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseSandbox } from "../sandbox/choose-sandbox.ts";

/** True where a node gives its sessions users of their own: on Linux as root, as in CI. */
export const HAS_SESSION_USERS: boolean = await probe();

async function probe(): Promise<boolean> {
	const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "klaw-probe-")));
	try {
		const { sandbox } = await chooseSandbox({ dataDir, workspaces: join(dataDir, "workspaces") }, () => undefined);
		return process.getuid?.() === 0 && sandbox.isolation !== "none";
	} finally {
		rmSync(dataDir, { recursive: true });
	}
}

/**
 * Makes a command that would destroy whatever its user may: it runs only as the owner of the workspace, and only if that
 * is neither root nor whoever runs the tests.
 */
export function onlyAsOwnerOf(workspace: string, command: string): string {
	const { uid } = statSync(workspace);
	if (uid === 0 || uid === process.getuid?.()) throw new Error(`${workspace} belongs to no session user, so "${command}" is not run.`);
	return `test "$(id -u)" = ${uid} || exit 99\n${command}`;
}
