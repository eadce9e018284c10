import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { NODE } from "../kinds.ts";
import { namedNodes, placeOf } from "../nodes/named-nodes.ts";
import { changedTaints, isTaintChange, parseTaintChanges, type Taint } from "../nodes/taint-changes.ts";
import { Failures } from "../write/failures.ts";
import { ResourceClient, type ServerObject } from "../write/resource-client.ts";
import { addWriteOptions, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";

interface TaintFlags extends WriteOptions {
	all?: boolean;
	selector?: string;
	overwrite?: boolean;
}

type TaintedNode = ServerObject & { spec?: { taints?: Taint[] | null } };

const TYPES = [NODE.plural, NODE.singular, "no"];

export function addTaint(program: Command, cli: Cli): void {
	const command = program
		.command("taint")
		.description("put taints on nodes, or take them away: sessions that do not tolerate them stay away")
		.argument("[words...]", "nodes NAME …, then KEY=VALUE:EFFECT … and KEY[:EFFECT]- … to take away")
		.option("--all", "all nodes")
		.option("-l, --selector <labels>", "the nodes with these labels")
		.option("--overwrite", "change taints that are there already");
	addWriteOptions(command, "klaw-taint", { validate: true }).action(async (words: string[], flags: TaintFlags) => {
		const [type, ...rest] = words;
		if (type === undefined) throw new CliError("one or more resources must be specified as <resource> <name>");
		const first = rest.findIndex(isTaintChange);
		const names = first === -1 ? rest : rest.slice(0, first);
		const specs = first === -1 ? [] : rest.slice(first);
		const late = specs.find((word) => !isTaintChange(word));
		if (late !== undefined) throw new CliError(`all resources must be specified before taint changes: ${late}`);
		if (specs.length === 0) throw new CliError("at least one taint update is required");
		if (!TYPES.includes(type)) throw new CliError(`invalid resource type ${type}, only node types are supported`);
		const changes = parseTaintChanges(specs);
		if (flags.all && flags.selector) throw new CliError("setting 'all' parameter with a non empty selector is prohibited.");
		if (names.length === 0 && !flags.all && !flags.selector)
			throw new CliError("at least one resource name must be specified since 'all' parameter is not set");
		const { client } = await connect(command, cli.io);
		const requests = new ResourceClient(client);
		const nodes = flags.all ? await requests.list(NODE, undefined, {}) : await namedNodes(command, requests, names, flags.selector);
		const failures = new Failures();
		for (const found of nodes)
			await failures.attempt(async () => {
				const node: TaintedNode = { ...found, apiVersion: "v1", kind: NODE.kind };
				const { name } = node.metadata;
				const { taints, done } = changedTaints(name, node.spec?.taints ?? [], changes, flags.overwrite ?? false);
				const patch = { spec: { taints: taints.length > 0 ? taints : null } };
				const result =
					flags.dryRun === "client"
						? { ...node, spec: { ...node.spec, taints } }
						: await requests.patch(placeOf(name), "strategic", patch, queryOf(flags));
				printResult(cli, { ...result, apiVersion: "v1", kind: NODE.kind }, done, flags);
			});
		failures.report(cli);
	});
}
