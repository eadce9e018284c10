import type { Command } from "commander";
import { apiVersionOf } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { discoverVersions } from "../discovery.ts";
import { refuseWords } from "./api-resources.ts";

export function addApiVersions(program: Command, cli: Cli): void {
	program
		.command("api-versions")
		.description("list the groups and versions that the server has")
		.argument("[words...]")
		.action(async (words: string[], _: unknown, command: Command) => {
			refuseWords(words, "api-versions");
			const { client } = await connect(command, cli.io);
			const versions = new Set((await discoverVersions(client)).map(apiVersionOf));
			for (const version of [...versions].sort()) cli.io.stdout.write(`${version}\n`);
		});
}
