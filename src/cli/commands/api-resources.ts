import type { Command } from "commander";
import { type ApiResource, apiVersionOf, qualified } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { discover } from "../discovery.ts";
import { CliError } from "../errors.ts";
import { formatColumns } from "../output/columns.ts";

interface Options {
	apiGroup?: string;
	namespaced?: boolean;
	verbs?: string;
	categories?: string;
	sortBy?: string;
	output?: string;
	headers: boolean;
}

const HEADS = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"];

export function addApiResources(program: Command, cli: Cli): void {
	program
		.command("api-resources")
		.description("list the types that the server has")
		.argument("[words...]")
		.option("--api-group <group>", "only types of this group; empty: of the core group")
		.option("--namespaced", "only types with namespaces")
		.option("--no-namespaced", "only types of the whole cluster")
		.option("--verbs <verbs>", "only types that have these verbs, with commas between")
		.option("--categories <categories>", "only types in these categories")
		.option("--sort-by <column>", "name or kind")
		.option("-o, --output <format>", "wide or name")
		.option("--no-headers", "leave out the line of column names")
		.action(async (words: string[], options: Options, command: Command) => {
			refuseWords(words, "api-resources");
			const { output, sortBy } = options;
			if (output !== undefined && output !== "" && output !== "wide" && output !== "name")
				throw new CliError(`--output ${output} is not available`);
			if (sortBy !== undefined && sortBy !== "name" && sortBy !== "kind") throw new CliError("--sort-by accepts only name or kind");
			const { client } = await connect(command, cli.io);
			const shown = (await discover(client)).filter((resource) => isWanted(resource, options)).sort(order(sortBy));
			if (output === "name") {
				for (const resource of shown) cli.io.stdout.write(`${qualified(resource, "plural")}\n`);
				return;
			}
			const wide = output === "wide";
			const heads = wide ? [...HEADS, "VERBS", "CATEGORIES"] : HEADS;
			const rows = shown.map((resource) => row(resource, wide));
			cli.io.stdout.write(formatColumns(options.headers ? [heads, ...rows] : rows));
		});
}

/** @throws CliError as kubectl, for commands that have options only */
export function refuseWords(words: readonly string[], command: string): void {
	if (words.length > 0) throw new CliError(`unexpected arguments: [${words.join(" ")}]\nSee 'klaw ${command} -h' for help and examples`);
}

function isWanted(resource: ApiResource, { apiGroup, namespaced, verbs, categories }: Options): boolean {
	const hasAll = (having: readonly string[], wanted: string | undefined) =>
		(wanted ?? "").split(",").every((one) => one === "" || having.includes(one));
	return (
		(apiGroup === undefined || resource.group === apiGroup) &&
		(namespaced === undefined || resource.namespaced === namespaced) &&
		hasAll(resource.verbs, verbs) &&
		hasAll(resource.categories, categories)
	);
}

function order(sortBy: "name" | "kind" | undefined): (a: ApiResource, b: ApiResource) => number {
	const key = (resource: ApiResource) => {
		if (sortBy === "kind") return resource.kind;
		return sortBy === "name" ? resource.plural : `${resource.group}/${resource.plural}`;
	};
	return (a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b)));
}

function row(resource: ApiResource, wide: boolean): string[] {
	const { plural, shortNames, namespaced, kind, verbs, categories } = resource;
	const cells = [plural, shortNames.join(","), apiVersionOf(resource), String(namespaced), kind];
	return wide ? [...cells, [...verbs].sort().join(","), categories.join(",")] : cells;
}
