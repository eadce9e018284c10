import type { Command } from "commander";
import type { ApiClient } from "../api-client.ts";
import type { ApiResource } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { type EventObject, eventAge } from "../describe/event.ts";
import { CliError, PlainError } from "../errors.ts";
import { Columns } from "../output/columns.ts";
import { type Format, formatObject, readObjectFormat, withoutManagedFields, writeObject } from "../output/format.ts";
import { listObjects } from "../read/list.ts";
import { watch } from "../read/watch.ts";
import { ResourceMapper } from "../resource-mapper.ts";

interface Options {
	allNamespaces?: boolean;
	for?: string;
	types?: string;
	watch?: boolean;
	output?: string;
	headers: boolean;
	chunkSize?: number;
}

const EVENTS: ApiResource = {
	group: "",
	version: "v1",
	kind: "Event",
	plural: "events",
	singular: "event",
	shortNames: [],
	categories: [],
	namespaced: true,
	verbs: [],
};

export function addEvents(program: Command, cli: Cli): void {
	program
		.command("events")
		.description("list what happened, the latest last")
		.argument("[words...]")
		.option("-A, --all-namespaces", "of all namespaces")
		.option("--for <object>", "only events about TYPE/NAME")
		.option("--types <types>", "only Normal or only Warning events")
		.option("-w, --watch", "go on with what happens")
		.option("-o, --output <format>", "json, yaml, name or jsonpath=TEMPLATE")
		.option("--no-headers", "leave out the line of column names")
		.action(async (_: string[], options: Options, command: Command) => {
			const types = (options.types ?? "").split(",").filter((type) => type !== "");
			if (types.some((type) => !/^(normal|warning)$/i.test(type))) throw new CliError("valid --types are Normal or Warning");
			if (options.for !== undefined && !/^[^/]+\/[^/]+$/.test(options.for)) throw new CliError("--for must be in resource/name form");
			const format = options.output === undefined ? undefined : readObjectFormat(options.output, cli.io.cwd);
			const { client, namespace } = await connect(command, cli.io);
			const about = options.for === undefined ? undefined : await objectOf(client, options.for);
			const where = options.allNamespaces ? undefined : namespace;
			const { items, metadata } = await listObjects(client, EVENTS, where, { fieldSelector: selectorOf(about) });
			const isShown = (event: EventObject) =>
				types.length === 0 || types.some((type) => type.toLowerCase() === (event.type ?? "").toLowerCase());
			const events = (items as EventObject[]).filter(isShown).sort((a, b) => lastSeen(a) - lastSeen(b));
			const print = printer(cli, format, options);
			if (events.length > 0) print(events);
			else if (!options.watch) {
				cli.io.stderr.write(options.allNamespaces ? "No events found.\n" : `No events found in ${namespace} namespace.\n`);
				return;
			}
			if (!options.watch) return;
			const start = { fieldSelector: selectorOf(about), resourceVersion: metadata?.resourceVersion };
			for await (const { type, object } of watch<EventObject>(client, EVENTS, where, start))
				if (type !== "DELETED" && isShown(object)) print([object]);
		});
}

interface About {
	kind: string;
	apiVersion?: string;
	name: string;
}

async function objectOf(client: ApiClient, word: string): Promise<About> {
	const [type = "", name = ""] = word.split("/");
	const resource = (await ResourceMapper.of(client)).tryFind(type);
	if (!resource) throw new PlainError(`the server doesn't have a resource type "${type}"`);
	return { kind: resource.kind, name };
}

function selectorOf(about: About | undefined): string | undefined {
	return about && `involvedObject.kind=${about.kind},involvedObject.name=${about.name}`;
}

function lastSeen({ series, lastTimestamp, eventTime }: EventObject): number {
	return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? "1970-01-01");
}

function printer(
	cli: Cli,
	format: Format | undefined,
	{ allNamespaces, headers, watch: watched }: Options,
): (events: EventObject[]) => void {
	const { stdout } = cli.io;
	if (format) {
		return (events) => {
			const shown = events.map(withoutManagedFields);
			if (watched || format.type === "name") for (const event of shown) stdout.write(formatObject(event, format));
			else writeObject(stdout, { apiVersion: "v1", kind: "EventList", items: shown, metadata: {} }, format);
		};
	}
	const columns = new Columns();
	let headed = !headers;
	return (events) => {
		const rows = events.map((event) => [
			...(allNamespaces ? [event.metadata.namespace ?? ""] : []),
			eventAge(event, Date.now()),
			event.type ?? "",
			event.reason ?? "",
			`${event.involvedObject?.kind ?? ""}/${event.involvedObject?.name ?? ""}`,
			(event.message ?? "").trim(),
		]);
		if (!headed) rows.unshift([...(allNamespaces ? ["NAMESPACE"] : []), "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
		headed = true;
		stdout.write(columns.format(rows));
	};
}
