/** Variables of the runtime's own environment that a command may see. Anything else could be a key. */
const PASSED_ON = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR"];

/**
 * The variables that mark what a call started. Children inherit them, so they also find a process that left its
 * group, long after the shell that started it.
 */
export const mark = {
	/** Everything that calls in this data directory started. */
	node: (dataDir: string) => `KLAW_NODE_DATA=${dataDir}`,
	workspace: (workspace: string) => `KLAW_WORKSPACE=${workspace}`,
	call: (callId: string) => `KLAW_CALL_ID=${callId}`,
	/** What a person runs, not a call. */
	exec: "KLAW_EXEC=true",
};

/**
 * The whole environment of a command.
 *
 * Paths are real ones.
 */
export function commandEnvironment(
	{ workspace, callId, dataDir }: { workspace: string; callId: string; dataDir: string },
	own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
	const marks = [mark.node(dataDir), mark.workspace(workspace), mark.call(callId)];
	return {
		PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		LANG: "C.UTF-8",
		...Object.fromEntries(PASSED_ON.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
		...Object.fromEntries(marks.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)])),
		HOME: workspace,
		TERM: "dumb",
	};
}
