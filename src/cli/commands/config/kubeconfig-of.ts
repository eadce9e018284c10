import type { Command } from "commander";
import { type Cli, globalOptions } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { loadKubeconfig, type MergedKubeconfig } from "../../kubeconfig/load.ts";
import { type KubeconfigPaths, kubeconfigPaths } from "../../kubeconfig/paths.ts";

export interface KubeconfigOf {
	config: MergedKubeconfig;
	paths: KubeconfigPaths;
	/** The file to name in a sentence. */
	file: string;
}

/** The kubeconfig that a command is about. None at all is an empty one. */
export async function kubeconfigOf(command: Command, cli: Cli): Promise<KubeconfigOf> {
	const paths = kubeconfigPaths(globalOptions(command).kubeconfig, cli.io);
	const config = await loadKubeconfig(paths.files);
	return { config, paths, file: (config.files.length > 0 ? config.files : paths.files).join(", ") };
}

/** The one argument of a command. @throws CliError in kubectl's words */
export function only(words: readonly string[]): string {
	const [word] = words;
	if (word === undefined || words.length > 1) throw new CliError(`Unexpected args: [${words.join(" ")}]`);
	return word;
}
