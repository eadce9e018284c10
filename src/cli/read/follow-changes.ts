import { CliError } from "../errors.ts";
import type { KubeObject, Metadata } from "../objects.ts";
import { CustomColumnsPrinter } from "../output/custom-columns.ts";
import { formatObject } from "../output/format.ts";
import { formatJson } from "../output/json.ts";
import type { Table, TablePrinter } from "../output/table.ts";
import type { Target } from "./find-targets.ts";
import type { Getter } from "./getter.ts";
import { AS_TABLE, asTable, getObject, listObjects } from "./list.ts";
import { type WatchQuery, watch } from "./watch.ts";

interface FollowOptions {
	watchOnly?: boolean;
	outputWatchEvents?: boolean;
}

/** Prints what is there and then each change, until the server ends the watch: `get --watch`. */
export async function followChanges(getter: Getter, targets: readonly Target[], options: FollowOptions): Promise<void> {
	const [target, ...others] = targets;
	if (!target) return;
	if (others.some(({ resource }) => resource !== target.resource)) throw new CliError("you may only specify a single resource type");
	if (others.length > 0) {
		if (!options.watchOnly) await getter.print(targets);
		throw new CliError("you may only watch a single resource or type of resource at a time");
	}
	if (getter.showsTable) await followTable(getter, target, options);
	else await followObjects(getter, target, options);
	if (getter.options.sortBy !== undefined)
		getter.cli.io.stderr.write("warning: --watch requested, --sort-by will be ignored for watch events received\n");
}

async function followTable(getter: Getter, target: Target, options: FollowOptions): Promise<void> {
	const { client, cli } = getter;
	const printer: TablePrinter = getter.printerFor(target.resource, false);
	const before = getter.sorted(await getter.readTable(target));
	const eventOf = (type: string) => (options.outputWatchEvents ? type : undefined);
	if (!options.watchOnly) cli.io.stdout.write(printer.print(before, eventOf("ADDED")));
	// Only the first table of a watch says what its columns are.
	let columns = before.columnDefinitions;
	const known = before.rows[0]?.object?.metadata?.resourceVersion;
	for await (const { type, object } of watch<Table | KubeObject>(
		client,
		target.resource,
		target.namespace,
		startOf(getter, target, before.metadata),
		{
			headers: AS_TABLE,
		},
	)) {
		const table = asTable(object, target.resource);
		if (table.columnDefinitions?.length) columns = table.columnDefinitions;
		if (isRepeated(target, type, table.rows[0]?.object?.metadata, known)) continue;
		cli.io.stdout.write(printer.print({ ...table, columnDefinitions: columns ?? [] }, eventOf(type)));
	}
}

async function followObjects(getter: Getter, target: Target, options: FollowOptions): Promise<void> {
	const { client, cli } = getter;
	const { resource, namespace, name } = target;
	const before =
		name === undefined
			? await listObjects(client, resource, namespace, getter.query)
			: { items: [await getObject(client, resource, namespace, name)] };
	const format = changeFormat(getter, options);
	const print = (type: string, object: KubeObject) => cli.io.stdout.write(format(type, object));
	if (!options.watchOnly) for (const object of before.items) print("ADDED", object);
	const known = before.items[0]?.metadata.resourceVersion;
	const start = startOf(getter, target, "metadata" in before ? before.metadata : {});
	for await (const { type, object } of watch<KubeObject>(client, resource, namespace, start))
		if (!isRepeated(target, type, object.metadata, known)) print(type, object);
}

/** How each change is written, one after another. */
function changeFormat(getter: Getter, { outputWatchEvents = false }: FollowOptions): (type: string, object: KubeObject) => string {
	const { format, headers } = getter.options;
	if (outputWatchEvents && format.type === "json")
		return (type, object) => `{"type":"${type}","object":${formatJson(object, { indent: 0 })}}\n`;
	if (format.type === "custom-columns") {
		const printer = new CustomColumnsPrinter(format.columns, { headers });
		return (_, object) => printer.print([object]);
	}
	let separator = "";
	return (_, object) => {
		const text = separator + formatObject(getter.shown(object), format);
		if (format.type === "yaml") separator = "---\n";
		return text;
	};
}

/** A collection is watched from where its list ended; one object from what it is now, which comes first then. */
function startOf(getter: Getter, { name }: Target, metadata: { resourceVersion?: string } | undefined): WatchQuery {
	const { labelSelector, fieldSelector } = getter.query;
	if (name !== undefined) return { fieldSelector: `metadata.name=${name}`, resourceVersion: "0" };
	return { labelSelector, fieldSelector, resourceVersion: metadata?.resourceVersion };
}

/** The state of a single object that was printed already. */
function isRepeated({ name }: Target, type: string, metadata: Partial<Metadata> | undefined, known: string | undefined): boolean {
	return name !== undefined && type === "ADDED" && metadata?.resourceVersion === known;
}
