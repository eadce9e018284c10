import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Path of the kubectl that the suite speaks through: `$KUBECTL`, or the first on PATH. The suite has nothing to say
 * without it, so its absence fails and is not skipped over.
 *
 * @throws Error that says how to get it
 */
export function findKubectl(env: NodeJS.ProcessEnv = process.env): string {
	const candidates = env.KUBECTL ? [env.KUBECTL] : (env.PATH ?? "").split(delimiter).map((dir) => join(dir, "kubectl"));
	const found = candidates.find(isExecutable);
	if (found !== undefined) return found;
	throw new Error(
		`The conformance suite needs the real kubectl, and ${env.KUBECTL ? `KUBECTL names ${env.KUBECTL}, which cannot be run` : "there is none on PATH"}. ` +
			"Install version 1.32 or newer (https://kubernetes.io/docs/tasks/tools/), or get one by npm and name it: export KUBECTL=$(scripts/kubectl 32).",
	);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
