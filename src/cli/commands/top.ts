import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { formatColumns } from "../output/columns.ts";
import { type Amount, amountCells, nodeCapacity, nodeUsage, podUsage, total } from "../top/usage.ts";

interface Options {
	allNamespaces?: boolean;
	selector?: string;
	fieldSelector?: string;
	sortBy?: string;
	containers?: boolean;
	sum?: boolean;
	showCapacity?: boolean;
	headers: boolean;
}

export function addTop(program: Command, cli: Cli): void {
	const top = program.command("top").description("show how much CPU and memory is in use");
	withOptions(top.command("pod").alias("pods").alias("po").description("of sessions, as Pods"))
		.option("-A, --all-namespaces", "of all namespaces")
		.option("--containers", "of each container")
		.option("--sum", "with the sum of all")
		.option("--field-selector <fields>", "only Pods with these fields")
		.action((name: string | undefined, options: Options, command: Command) => topPods(cli, name, options, command));
	withOptions(top.command("node").alias("nodes").alias("no").description("of nodes"))
		.option("--show-capacity", "percentages of what the node has, not of what it gives away")
		.action((name: string | undefined, options: Options, command: Command) => topNodes(cli, name, options, command));
}

function withOptions(command: Command): Command {
	return command
		.argument("[name]")
		.option("-l, --selector <labels>", "only objects with these labels")
		.option("--sort-by <column>", "cpu or memory")
		.option("--no-headers", "leave out the line of column names");
}

async function topPods(cli: Cli, name: string | undefined, options: Options, command: Command): Promise<void> {
	const inOrder = orderOf(options);
	const { client, namespace } = await connect(command, cli.io);
	const { allNamespaces, containers } = options;
	const pods = inOrder(await podUsage(client, allNamespaces ? undefined : namespace, name, options));
	if (pods.length === 0) {
		cli.io.stderr.write(allNamespaces ? "No resources found\n" : `No resources found in ${namespace} namespace.\n`);
		return;
	}
	const before = (pod: { namespace: string }) => (allNamespaces ? [pod.namespace] : []);
	const rows = pods.flatMap((pod) =>
		containers
			? pod.containers.map((container) => [...before(pod), pod.name, container.name, ...amountCells(container)])
			: [[...before(pod), pod.name, ...amountCells(pod)]],
	);
	const names = [...(allNamespaces ? ["NAMESPACE"] : []), ...(containers ? ["POD"] : []), "NAME"];
	if (options.sum) {
		const blank = names.map(() => "");
		rows.push([...blank, "________", "________"], [...blank, ...amountCells(total(pods))]);
	}
	write(cli, options, [...names, "CPU(cores)", "MEMORY(bytes)"], rows);
}

async function topNodes(cli: Cli, name: string | undefined, options: Options, command: Command): Promise<void> {
	const inOrder = orderOf(options);
	const { client } = await connect(command, cli.io);
	const [used, nodes] = await Promise.all([
		nodeUsage(client, name, options),
		nodeCapacity(client, name, options, options.showCapacity ?? false),
	]);
	if (used.length === 0) {
		cli.io.stderr.write("No resources found\n");
		return;
	}
	const rows = inOrder(used).map((node) => {
		const has = nodes.find((one) => one.name === node.name);
		const [cpu, memory] = amountCells(node);
		return [node.name, cpu, percent(node.cpu, has?.cpu), memory, percent(node.memory, has?.memory)];
	});
	write(cli, options, ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], rows);
}

/** The largest first, or by name. @throws CliError for a column that there is not */
function orderOf({ sortBy }: Options): <T extends Amount & { name: string; namespace?: string }>(rows: T[]) => T[] {
	if (sortBy === "cpu" || sortBy === "memory") return (rows) => rows.sort((a, b) => b[sortBy] - a[sortBy]);
	if (sortBy !== undefined) throw new CliError("--sort-by accepts only cpu or memory");
	const key = ({ namespace = "", name }: { namespace?: string; name: string }) => `${namespace}/${name}`;
	return (rows) => rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function percent(part: number, whole: number | undefined): string {
	return whole ? `${Math.floor((part / whole) * 100)}%` : "<unknown>";
}

/** kubectl ends the last column as it does the others. */
function write(cli: Cli, { headers }: Options, heads: string[], rows: string[][]): void {
	cli.io.stdout.write(formatColumns((headers ? [heads, ...rows] : rows).map((cells) => [...cells, ""])));
}
