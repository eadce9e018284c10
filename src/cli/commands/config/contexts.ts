import { type Command, Option } from "commander";
import type { Cli } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { removeEntry, renameContext, setCurrentContext } from "../../kubeconfig/edit.ts";
import { align, TABLE_PADDING } from "../../output/tabwriter.ts";
import { kubeconfigOf, only } from "./kubeconfig-of.ts";

/** The commands about which context there is, and which is the current one. */
export function addContexts(config: Command, cli: Cli): void {
	const print = (line: string) => cli.io.stdout.write(`${line}\n`);

	const current = config.command("current-context").description("show the current context");
	current.action(async () => {
		const { config } = await kubeconfigOf(current, cli);
		if (config.currentContext === undefined) throw new CliError("current-context is not set");
		print(config.currentContext);
	});

	const get = config
		.command("get-contexts")
		.description("list contexts")
		.argument("[names...]")
		.option("--no-headers", "leave out the line of column names")
		.addOption(new Option("-o, --output <format>", "name").choices(["name"]));
	get.action(async (names: string[], { headers, output }: { headers: boolean; output?: "name" }) => {
		const { config } = await kubeconfigOf(get, cli);
		const found = names.length === 0 ? [...config.contexts.keys()].sort() : names.filter((name) => config.contexts.has(name));
		if (output === "name") for (const name of found) print(name);
		else {
			const rows = found.map((name) => {
				const { cluster, user, namespace } = config.contexts.get(name) ?? {};
				return [name === config.currentContext ? "*" : "", name, cluster ?? "", user ?? "", namespace ?? ""];
			});
			const lines = [...(headers ? [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]] : []), ...rows];
			cli.io.stdout.write(align(lines.map((cells) => `${cells.join("\t")}\n`).join(""), TABLE_PADDING));
		}
		const missing = names.filter((name) => !config.contexts.has(name));
		if (missing.length > 0) throw new CliError(missing.map((name) => `context ${name} not found`).join("\n"));
	});

	const use = config.command("use-context").alias("use").description("set the current context").argument("[name...]");
	use.action(async (words: string[]) => {
		const name = only(words);
		const { config, paths } = await kubeconfigOf(use, cli);
		if (!config.contexts.has(name)) throw new CliError(`no context exists with the name: "${name}"`);
		await setCurrentContext(paths, name);
		print(`Switched to context "${name}".`);
	});

	const remove = config.command("delete-context").description("remove a context").argument("[name...]");
	remove.action(async (words: string[]) => {
		const name = only(words);
		const { config, paths, file } = await kubeconfigOf(remove, cli);
		const from = await removeEntry(paths, "contexts", name);
		if (from === undefined) throw new CliError(`cannot delete context ${name}, not in ${file}`);
		if (config.currentContext === name)
			cli.io.stderr.write('warning: this removed your active context, use "klaw config use-context" to select a different one\n');
		print(`deleted context ${name} from ${from}`);
	});

	const rename = config.command("rename-context").description("give a context another name").argument("[names...]", "OLD NEW");
	rename.action(async (words: string[]) => {
		const [from, to, ...more] = words;
		if (from === undefined || to === undefined || more.length > 0) throw new CliError(`Unexpected args: [${words.join(" ")}]`);
		const { config, paths, file } = await kubeconfigOf(rename, cli);
		if (!config.contexts.has(from)) throw new CliError(`cannot rename the context "${from}", it's not in ${file}`);
		if (config.contexts.has(to)) throw new CliError(`cannot rename the context "${from}", the context "${to}" already exists in ${file}`);
		await renameContext(paths, from, to);
		print(`Context "${from}" renamed to "${to}".`);
	});
}
