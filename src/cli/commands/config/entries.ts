import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { removeEntry } from "../../kubeconfig/edit.ts";
import { kubeconfigOf, only } from "./kubeconfig-of.ts";

/** The commands that list and remove clusters and users of the kubeconfig. */
export function addEntries(config: Command, cli: Cli): void {
	for (const [list, word] of [
		["clusters", "cluster"],
		["users", "user"],
	] as const) {
		const get = config.command(`get-${list}`).description(`list the ${list} of the kubeconfig`);
		get.action(async () => {
			const { config } = await kubeconfigOf(get, cli);
			for (const line of ["NAME", ...[...config[list].keys()].sort()]) cli.io.stdout.write(`${line}\n`);
		});
		const remove = config.command(`delete-${word}`).description(`remove a ${word} from the kubeconfig`).argument("[name...]");
		remove.action(async (words: string[]) => {
			const name = only(words);
			const { paths, file } = await kubeconfigOf(remove, cli);
			const from = await removeEntry(paths, list, name);
			if (from === undefined) throw new CliError(`cannot delete ${word} ${name}, not in ${file}`);
			cli.io.stdout.write(`deleted ${word} ${name} from ${from}\n`);
		});
	}
}
