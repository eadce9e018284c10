import { removeTree } from "../workspace/remove-tree.ts";
import { limitLines } from "./limits.ts";
import { makePrivate } from "./make-private.ts";
import { type Places, temporaryOf } from "./places.ts";
import { KILLED_FIRST, noSandbox, type Sandbox } from "./sandbox.ts";

/**
 * bubblewrap (https://github.com/containers/bubblewrap) around every command: the system is read-only, of the node's data
 * only the own workspace is there, and /tmp is the session's own. The network stays.
 *
 * Where sessions are no users, a command has process ids of its own as well, so that `kill -9 -1` reaches nothing else.
 * Where they are, it cannot anyway, and a session can find and stop what an earlier command left in the background.
 *
 * @param bwrap its path
 * @param user where sessions are users: bubblewrap runs as that user, and needs no right of root's
 */
export function bubblewrapSandbox(bwrap: string, places: Places, user?: Sandbox): Sandbox {
	const hidden = [...new Set([places.dataDir, places.workspaces])];
	const processes = user ? ["--dev-bind", "/proc", "/proc"] : ["--unshare-pid", "--proc", "/proc"];
	const wrap = (workspace: string, command: readonly string[]) => [
		...[bwrap, "--ro-bind", "/", "/", "--dev", "/dev", ...processes, "--unshare-ipc"],
		...["--bind", temporaryOf(places, workspace), "/tmp", ...hidden.flatMap((path) => ["--tmpfs", path])],
		...["--bind", workspace, workspace, ...hidden.flatMap((path) => ["--remount-ro", path])],
		// Not --die-with-parent: what a command leaves in the background outlives it.
		...["--chdir", workspace, "--", ...command],
	];
	return {
		...(user ?? noSandbox),
		isolation: "bubblewrap",
		async adopt(workspace) {
			await user?.adopt(workspace);
			makePrivate(temporaryOf(places, workspace));
		},
		launch(workspace, command, limits) {
			const wrapped = wrap(workspace, command);
			if (user) return user.launch(workspace, wrapped, limits);
			// The processes of a person are counted with those of the rest of the machine, so their number stays free.
			return { setup: `${KILLED_FIRST}\n${limitLines({ ...limits, processes: undefined })}`, argv: wrapped };
		},
		environment: (workspace) => ({ ...user?.environment(workspace), TMPDIR: "/tmp" }),
		async forget(workspace) {
			// Before the directory goes, whose owner says whose the session was.
			await user?.forget(workspace);
			await removeTree(temporaryOf(places, workspace));
		},
	};
}
