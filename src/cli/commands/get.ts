import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import { type Cli, connect } from "../cli.ts";
import { type Kind, parseResources, resourcePath } from "../kinds.ts";
import type { KubeList, KubeObject } from "../objects.ts";
import { type Format, OUTPUT_HELP, parseFormat, writeObject } from "../output/format.ts";
import { formatTable, isTable, type Table } from "../output/table.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export function addGet(program: Command, cli: Cli): void {
	program
		.command("get")
		.description("list objects, or show some of them")
		.argument("<kind>", "agents, tasks, sessions or nodes; or KIND/NAME")
		.argument("[names...]")
		.option("-o, --output <format>", OUTPUT_HELP, parseFormat)
		.option("--no-headers", "leave out the line of column names")
		.action(async (kind: string, names: string[], options: { output?: Format; headers: boolean }, command: Command) => {
			const wanted = parseResources([kind, ...names]);
			const { client, namespace } = await connect(command, cli.io);
			const format = options.output ?? { type: "table" };
			for (const { kind, names } of format.type === "table" || format.type === "wide" ? wanted : []) {
				const table = await getTable(client, kind, namespace, names);
				if (table.rows.length > 0) cli.io.stdout.write(formatTable(table, { wide: format.type === "wide", headers: options.headers }));
				else cli.io.stderr.write(kind.namespaced ? `No resources found in ${namespace} namespace.\n` : "No resources found\n");
			}
			if (format.type === "table" || format.type === "wide") return;
			const objects: (KubeObject | KubeList)[] = [];
			for (const { kind, names } of wanted) {
				if (names.length === 0) objects.push(await list(client, kind, namespace));
				for (const name of names) objects.push(await client.json<KubeObject>(resourcePath(kind, namespace, name)));
			}
			const [only] = objects;
			writeObject(cli.io.stdout, only && objects.length === 1 ? only : asList(objects), format);
		});
}

async function getTable(client: ApiClient, kind: Kind, namespace: string, names: readonly string[]): Promise<Table> {
	const paths = names.length === 0 ? [resourcePath(kind, namespace)] : names.map((name) => resourcePath(kind, namespace, name));
	const tables: Table[] = [];
	for (const path of paths) {
		const answer = await client.json<Table | KubeObject | KubeList>(path, { headers: { Accept: TABLE } });
		tables.push(isTable(answer) ? answer : namesOf(answer));
	}
	return { kind: "Table", columnDefinitions: tables[0]?.columnDefinitions ?? [], rows: tables.flatMap((table) => table.rows) };
}

/** For a server that makes no tables. */
function namesOf(answer: KubeObject | KubeList): Table {
	const items = "items" in answer ? answer.items : [answer];
	return { kind: "Table", columnDefinitions: [{ name: "Name" }], rows: items.map((item) => ({ cells: [item.metadata.name] })) };
}

async function list(client: ApiClient, kind: Kind, namespace: string): Promise<KubeList> {
	const { items } = await client.json<KubeList>(resourcePath(kind, namespace));
	// As kubectl prints them: each item says what it is, and the list is of no kind.
	return asList(items.map((item) => ({ ...item, apiVersion: item.apiVersion ?? kind.apiVersion, kind: item.kind ?? kind.kind })));
}

function asList(objects: (KubeObject | KubeList)[]): KubeList {
	return { apiVersion: "v1", kind: "List", items: objects.flatMap((object) => ("items" in object ? object.items : [object])) };
}
