import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError, sentence } from "../errors.ts";
import { invocation } from "../invocation.ts";
import { findKindOf, type Kind, parseResources, qualified, resourcePath } from "../kinds.ts";
import { readManifests } from "../manifests.ts";
import { namespaceOf } from "./apply.ts";

export function addDelete(program: Command, cli: Cli): void {
	program
		.command("delete")
		.description("delete objects; a running task is cancelled first")
		.argument("[kind]", "agent, task, session or node; or KIND/NAME")
		.argument("[names...]")
		.option("-f, --filename <file...>", "delete what these files describe")
		.action(async (kind: string | undefined, names: string[], options: { filename?: string[] }, command: Command) => {
			const explicit = command.optsWithGlobals<{ namespace?: string }>().namespace;
			const targets: { kind: Kind; name: string; namespace: (chosen: string) => string }[] = [];
			if (options.filename) {
				if (kind !== undefined) throw new CliError("Give either names or -f, not both.");
				for (const object of await readManifests(options.filename, cli.io))
					targets.push({
						kind: findKindOf(object),
						name: object.metadata.name,
						namespace: (chosen) => namespaceOf(object, chosen, explicit),
					});
			} else {
				for (const resource of parseResources(kind === undefined ? [] : [kind, ...names])) {
					if (resource.names.length === 0)
						throw new CliError(
							`Name the ${resource.kind.plural} to delete, for example: ${invocation(cli.io.env)} delete ${resource.kind.singular} NAME`,
						);
					for (const name of resource.names) targets.push({ kind: resource.kind, name, namespace: (chosen) => chosen });
				}
			}
			const { client, namespace } = await connect(command, cli.io);
			for (const target of targets) {
				try {
					await client.json(resourcePath(target.kind, target.namespace(namespace), target.name), { method: "DELETE" });
					cli.io.stdout.write(`${qualified(target.kind)} "${target.name}" deleted\n`);
				} catch (error) {
					cli.io.stderr.write(`${sentence(error)}\n`);
					cli.exitCode = 1;
				}
			}
		});
}
