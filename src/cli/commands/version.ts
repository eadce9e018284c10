import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { VERSION } from "../version.ts";

export function addVersion(program: Command, cli: Cli): void {
	program
		.command("version")
		.description("show the versions of this command and of the server")
		.option("--client", "of this command only")
		.action(async (options: { client?: boolean }, command: Command) => {
			cli.io.stdout.write(`Client Version: ${VERSION}\n`);
			if (options.client) return;
			const { client } = await connect(command, cli.io);
			const { gitVersion } = await client.json<{ gitVersion: string }>("/version");
			cli.io.stdout.write(`Server Version: ${gitVersion}\n`);
		});
}
