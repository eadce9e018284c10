import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { Cli } from "../../cli.ts";
import { globalOptions } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import type { MergedKubeconfig } from "../../kubeconfig/load.ts";
import { formatJson } from "../../output/json.ts";
import { jsonpath } from "../../output/jsonpath.ts";
import { formatYaml } from "../../output/yaml.ts";
import { kubeconfigOf } from "./kubeconfig-of.ts";

interface ViewFlags {
	raw?: boolean;
	minify?: boolean;
	flatten?: boolean;
	output: string;
}

/** Fields that are secret, and certificates that are only long, with what is shown in their place. */
const HIDDEN: Readonly<Record<string, string>> = {
	token: "REDACTED",
	password: "REDACTED",
	"client-key-data": "DATA+OMITTED",
	"client-certificate-data": "DATA+OMITTED",
	"certificate-authority-data": "DATA+OMITTED",
};
/** Files that `--flatten` puts in, by field. */
const FILES = ["certificate-authority", "client-certificate", "client-key"];

export function addView(config: Command, cli: Cli): void {
	const command = config
		.command("view")
		.description("show the kubeconfig, without its secrets")
		.option("--raw", "with its secrets")
		.option("--minify", "only what the current context needs")
		.option("--flatten", "with certificates in place of the files that hold them")
		.addOption(new Option("-o, --output <format>", "yaml, json or jsonpath=TEMPLATE").default("yaml"));
	command.action(async (flags: ViewFlags) => {
		const { config: merged, file } = await kubeconfigOf(command, cli);
		const current = globalOptions(command).context ?? merged.currentContext;
		const shown = flags.minify ? minify(merged, current, file) : merged;
		const fields = async (map: ReadonlyMap<string, object>, inner: string) => {
			if (map.size === 0) return null;
			const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
			return Promise.all(entries.map(async ([name, value]) => ({ name, [inner]: await display(value, flags) })));
		};
		const document = {
			apiVersion: "v1",
			kind: "Config",
			preferences: {},
			clusters: await fields(shown.clusters, "cluster"),
			users: await fields(shown.users, "user"),
			contexts: await fields(shown.contexts, "context"),
			"current-context": current ?? "",
		};
		cli.io.stdout.write(render(document, flags.output));
	});
}

function render(document: object, output: string): string {
	if (output === "yaml") return formatYaml(document);
	if (output === "json") return `${formatJson(document)}\n`;
	if (output.startsWith("jsonpath=")) return jsonpath(output.slice("jsonpath=".length), document);
	throw new CliError(`unable to match a printer suitable for the output format "${output}", allowed formats are: json,jsonpath,yaml`);
}

async function display(value: object, { raw, flatten }: ViewFlags): Promise<Record<string, unknown>> {
	const shown: Record<string, unknown> = {};
	for (const [field, one] of Object.entries(value)) {
		if (one === undefined || one === null) continue;
		if (flatten && FILES.includes(field)) shown[`${field}-data`] = (await readFile(String(one))).toString("base64");
		else shown[field] = one;
	}
	if (!raw && !flatten) for (const field of Object.keys(shown)) shown[field] = HIDDEN[field] ?? shown[field];
	return shown;
}

function minify(config: MergedKubeconfig, current: string | undefined, file: string): MergedKubeconfig {
	if (current === undefined) throw new CliError("current-context must exist in order to minify");
	const context = config.contexts.get(current);
	if (!context) throw new CliError(`cannot locate context ${current} in ${file}`);
	const pick = <T>(map: ReadonlyMap<string, T>, name: string | null | undefined) => new Map([...map].filter(([key]) => key === name));
	return {
		...config,
		contexts: pick(config.contexts, current),
		clusters: pick(config.clusters, context.cluster),
		users: pick(config.users, context.user),
	};
}
