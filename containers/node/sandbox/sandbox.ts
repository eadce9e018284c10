import type { ProcessLimits } from "./limits.ts";

/** A Unix user by number. It need not have a name. */
export interface UnixUser {
	readonly uid: number;
	readonly gid: number;
}

/** How a command of a session is started. */
export interface Launch {
	/** Lines of sh that run as the runtime's user, in the process that then becomes {@link Launch.argv}. Never fail. */
	readonly setup: string;
	/** The command's own words, and what keeps it apart before them. */
	readonly argv: readonly string[];
}

/**
 * What keeps the sessions of a node apart. Which one a node has is decided once, when it starts; see `chooseSandbox`.
 *
 * Workspaces are given by their real path. Whose a workspace is, its directory's owner says: nothing else is kept.
 */
export interface Sandbox {
	/** As in `hello`: `none`, everything is the runtime's user; `user`, a Unix user each; `bubblewrap`, namespaces as well. */
	readonly isolation: "none" | "user" | "bubblewrap";
	/** Makes a workspace, which exists, its session's own. Called before each use of it. */
	adopt(workspace: string): Promise<void>;
	/** The session's user; `undefined` where that is the runtime's own. */
	userOf(workspace: string): UnixUser | undefined;
	launch(workspace: string, command: readonly string[], limits: ProcessLimits): Launch;
	/** More of the environment of a command. */
	environment(workspace: string): Record<string, string>;
	/** What the session's processes were killed for, together, since it was asked last: the end of a sentence. */
	takeRemark(workspace: string): string | undefined;
	/** The workspace is gone, and nothing of it runs any more. */
	forget(workspace: string): Promise<void>;
}

/** Commands are killed before the runtime when memory runs out: see proc_pid_oom_score_adj(5). No fork, and no right needed. */
export const KILLED_FIRST = process.platform === "linux" ? "{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null" : "";

/** Everything as the runtime's own user, in its own environment. */
export const noSandbox: Sandbox = {
	isolation: "none",
	adopt: async () => undefined,
	userOf: () => undefined,
	launch: (_, command) => ({ setup: KILLED_FIRST, argv: command }),
	environment: () => ({}),
	takeRemark: () => undefined,
	forget: async () => undefined,
};
