import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addSourceOptions, readSources, type SourceFlags } from "./from-sources.ts";
import { addGenerator, type GeneratorFlags } from "./generator.ts";

/** `create secret generic`: as in kubectl the type of secret is a command of its own. */
export function addCreateSecret(create: Command, cli: Cli): void {
	const secret = create.command("secret").description("create a Secret");
	addGenerator<GeneratorFlags & SourceFlags & { type?: string }>(secret, cli, {
		name: "generic",
		description: "create a Secret from files, directories or values",
		refused: "failed to create secret",
		kind: { group: "", version: "v1", kind: "Secret", plural: "secrets", namespaced: true },
		options(command) {
			addSourceOptions(command);
			command.option("--type <type>", "type of the secret; default: Opaque");
		},
		async object(flags) {
			const entries = await readSources(flags, cli.io);
			const data = Object.fromEntries([...entries].map(([key, bytes]) => [key, bytes.toString("base64")]));
			return { ...(entries.size > 0 && { data }), ...(flags.type !== undefined && { type: flags.type }) };
		},
	});
}
