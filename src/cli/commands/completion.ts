import type { Command } from "commander";
import { type Cli, connect, globalOptions } from "../cli.ts";
import { type CompletionSource, complete } from "../completion/complete.ts";
import { COMPLETION_SCRIPTS, type Shell } from "../completion/scripts.ts";
import { CliError } from "../errors.ts";
import { loadKubeconfig } from "../kubeconfig/load.ts";
import { kubeconfigPaths } from "../kubeconfig/paths.ts";
import { ResourceMapper } from "../resource-mapper.ts";
import { ResourceClient } from "../write/resource-client.ts";

export function addCompletion(program: Command, cli: Cli): void {
	program
		.command("completion")
		.description("print the completion of a shell: bash, zsh or fish")
		.argument("<shell>", "bash, zsh or fish")
		.action((shell: string) => {
			if (!isShell(shell))
				throw new CliError(`Unsupported shell type "${shell}". Choose one of ${Object.keys(COMPLETION_SCRIPTS).join(", ")}.`);
			cli.io.stdout.write(COMPLETION_SCRIPTS[shell]);
		});
	program
		.command("__complete", { hidden: true })
		.argument("[words...]")
		.action(async (words: string[], _: object, command: Command) => {
			for (const candidate of await complete(program, words, sourceOf(command, cli))) cli.io.stdout.write(`${candidate}\n`);
		});
}

function isShell(text: string): text is Shell {
	return Object.hasOwn(COMPLETION_SCRIPTS, text);
}

/** A cluster that does not answer completes nothing: whoever presses Tab wants no error. */
function sourceOf(command: Command, cli: Cli): CompletionSource {
	const quietly = (ask: () => Promise<string[]>) => () => ask().catch(() => []);
	const open = async () => {
		const { client, namespace } = await connect(command, cli.io);
		return { requests: new ResourceClient(client), mapper: await ResourceMapper.of(client), namespace };
	};
	const names = async (type: string) => {
		const { requests, mapper, namespace } = await open();
		const resource = mapper.find(type);
		const objects = await requests.list(resource, resource.namespaced ? namespace : undefined, {});
		return objects.map(({ metadata }) => metadata.name);
	};
	return {
		types: quietly(async () => (await open()).mapper.resources.filter(({ verbs }) => verbs.includes("list")).map(({ plural }) => plural)),
		names: (type) => quietly(() => names(type))(),
		namespaces: quietly(() => names("namespaces")),
		contexts: quietly(async () => [
			...(await loadKubeconfig(kubeconfigPaths(globalOptions(command).kubeconfig, cli.io).files)).contexts.keys(),
		]),
	};
}
