import { limitLines } from "./limits.ts";
import type { UnixUser } from "./sandbox.ts";

/** Goes before a command that is to run as another user, with none of root's rights and no way to get one back. */
export function becoming(setpriv: string, { uid, gid }: UnixUser): string[] {
	return [
		...[setpriv, `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs"],
		...["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--"],
	];
}

/**
 * The runtime's own small programs that run as a session's user: the session can do to them whatever it likes, so they get
 * as little as its commands do. Their number is not limited, since they are what ends a session that is at its limit.
 */
const LIMITS = { processes: undefined, memory: 256 * 2 ** 20, cpuSeconds: 10, fileBytes: 0, openFiles: 64 };

/** What to start so that such a program runs. setpriv is looked for in the PATH of its environment. */
export function asUser(user: UnixUser, command: readonly string[]): { file: string; args: string[] } {
	return { file: "/bin/sh", args: ["-c", `${limitLines(LIMITS)}\nexec "$@"`, "sh", ...becoming("setpriv", user), ...command] };
}
