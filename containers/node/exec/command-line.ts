import type { ProcessLimits } from "../sandbox/limits.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** Says what a shell would say of a command that it cannot run: whoever starts the sandbox cannot see it fail. */
const RUN = `
case $1 in
*/*) test -e "$1" ;;
*) command -v -- "$1" >/dev/null ;;
esac || { printf 'exec: "%s": executable file not found in $PATH\\n' "$1" >&2; exit 127; }
case $1 in
*/*) test -x "$1" || { printf 'exec: "%s": permission denied (EACCES)\\n' "$1" >&2; exit 126; } ;;
esac
exec "$@"
`;

/** What to start for a person's command, so that it runs as those of the session do. */
export function commandLine(sandbox: Sandbox, workspace: string, command: readonly string[], limits: ProcessLimits): readonly string[] {
	if (sandbox.isolation === "none") return command;
	const { setup, argv } = sandbox.launch(workspace, ["/bin/sh", "-c", RUN, "sh", ...command], limits);
	return ["/bin/sh", "-c", `${setup}\nexec "$@"`, "sh", ...argv];
}
