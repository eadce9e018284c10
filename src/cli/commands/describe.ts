import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { parseResources, resourcePath } from "../kinds.ts";
import type { KubeList, KubeObject } from "../objects.ts";
import { describeObject } from "../output/describe.ts";

export function addDescribe(program: Command, cli: Cli): void {
	program
		.command("describe")
		.description("show every field of objects")
		.argument("<kind>", "agent, task, session or node; or KIND/NAME")
		.argument("[names...]", "none: all of the kind")
		.action(async (kind: string, names: string[], _: unknown, command: Command) => {
			const wanted = parseResources([kind, ...names]);
			const { client, namespace } = await connect(command, cli.io);
			const objects: KubeObject[] = [];
			for (const { kind, names } of wanted) {
				for (const name of names) objects.push(await client.json<KubeObject>(resourcePath(kind, namespace, name)));
				if (names.length > 0) continue;
				const { items } = await client.json<KubeList>(resourcePath(kind, namespace));
				objects.push(...items.map((item) => ({ ...item, apiVersion: item.apiVersion ?? kind.apiVersion, kind: item.kind ?? kind.kind })));
			}
			if (objects.length === 0) cli.io.stderr.write(`No resources found in ${namespace} namespace.\n`);
			cli.io.stdout.write(objects.map(describeObject).join("\n\n"));
		});
}
