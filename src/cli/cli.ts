import type { Command } from "commander";
import { ApiClient } from "./api-client.ts";
import type { Io } from "./io.ts";
import { type ConnectionOptions, findConnection } from "./kubeconfig.ts";

/** What a command is given and what it leaves behind. */
export interface Cli {
	readonly io: Io;
	exitCode: number;
}

/** A command is one file in `commands/`, which adds itself to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;

/** The cluster and namespace that the options and the kubeconfig choose. */
export async function connect(command: Command, io: Io): Promise<{ client: ApiClient; namespace: string }> {
	const connection = await findConnection(command.optsWithGlobals<ConnectionOptions>(), io);
	return { client: new ApiClient(connection), namespace: connection.namespace };
}
