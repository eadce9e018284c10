import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { formatYaml } from "../output/yaml.ts";
import { VERSION } from "../version.ts";

interface ServerVersion {
	gitVersion: string;
}

export function addVersion(program: Command, cli: Cli): void {
	program
		.command("version")
		.description("show the versions of this command and of the server")
		.option("--client", "of this command only")
		.option("-o, --output <format>", "json or yaml")
		.action(async (options: { client?: boolean; output?: string }, command: Command) => {
			const { output } = options;
			if (output !== undefined && output !== "json" && output !== "yaml") throw new CliError("--output must be 'yaml' or 'json'");
			// What is known without a server is said even when there is none.
			if (output === undefined) cli.io.stdout.write(`Client Version: ${VERSION}\n`);
			const serverVersion = options.client ? undefined : await readVersion(command, cli);
			const versions = { clientVersion: { gitVersion: VERSION }, serverVersion };
			if (output === "json") cli.io.stdout.write(`${JSON.stringify(versions, null, 2)}\n`);
			else if (output === "yaml") cli.io.stdout.write(`${formatYaml(versions)}\n`);
			else if (serverVersion) cli.io.stdout.write(`Server Version: ${serverVersion.gitVersion}\n`);
		});
}

async function readVersion(command: Command, cli: Cli): Promise<ServerVersion> {
	const { client } = await connect(command, cli.io);
	return await client.json<ServerVersion>("/version");
}
