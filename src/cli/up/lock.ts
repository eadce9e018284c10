import { lock } from "../../../containers/node/process/lock.ts";
import { CliError } from "../errors.ts";

/**
 * Makes this process the only `klaw up` of a data directory, and returns what lets go of it.
 *
 * @throws CliError that names the process which has it
 */
export async function lockDataDir(dir: string): Promise<() => void> {
	const taken = await lock(dir);
	if (taken.held) return taken.release;
	const { holder } = taken;
	throw new CliError(
		`A klaw is already running here (pid ${holder}). Stop it with Ctrl-C in its terminal, or: kill ${holder}. Or use another --data.`,
	);
}
