import type { Command } from "commander";
import type { ApiClient } from "./api-client.ts";
import type { Io } from "./io.ts";
import type { ConnectionOptions } from "./kubeconfig.ts";

/** What a command is given and what it leaves behind. */
export interface Cli {
	readonly io: Io;
	exitCode: number;
}

/** A command is one file in `commands/`, which adds itself to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;

/** The cluster and namespace that the options and the kubeconfig choose. Warnings of the server go to stderr, as kubectl writes them. */
export async function connect(command: Command, io: Io): Promise<{ client: ApiClient; namespace: string }> {
	// What asks no server need not load what it takes to ask one.
	const [{ findConnection }, { ApiClient }] = await Promise.all([import("./kubeconfig.ts"), import("./api-client.ts")]);
	const connection = await findConnection(globalOptions(command), io);
	const client = new ApiClient(connection, (text) => io.stderr.write(`Warning: ${text}\n`));
	return { client, namespace: connection.namespace };
}

/** The options that every command has. A command's own of the same name, such as `--user` of `create rolebinding`, is not among them. */
export function globalOptions(command: Command): ConnectionOptions {
	return command.parent ? globalOptions(command.parent) : command.opts<ConnectionOptions>();
}
