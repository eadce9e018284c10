/**
 * How the user calls this command, for hints that can be typed as they stand. npx says that it started a program with
 * `npm_command=exec`; then there is no `klaw` on the PATH.
 */
export function invocation(env: Readonly<Record<string, string | undefined>>): "npx klaw" | "klaw" {
	return env.npm_command === "exec" ? "npx klaw" : "klaw";
}
