import { CliError } from "../errors.ts";
import { SESSION, taskOrSession } from "../kinds.ts";

/** The session that `NAME`, `session/NAME` or, as kubectl has it, `pod/NAME` is. @throws CliError */
export function sessionOf(word: string): string {
	const [, pod] = /^(?:po|pods?)\/([^/]+)$/.exec(word) ?? [];
	const named = taskOrSession(word);
	const name = pod ?? (named?.resource === SESSION ? named.name : word);
	if (name !== "" && !name.includes("/")) return name;
	throw new CliError(`Sessions have workspaces, "${word}" has none. Give a session's name or session/NAME.`);
}
