import type { ApiClient } from "../api-client.ts";
import { type ApiResource, apiVersionOf, qualified } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { ApiError } from "../errors.ts";
import type { KubeObject } from "../objects.ts";
import { type Format, formatObject, listOf, withoutManagedFields, writeObject } from "../output/format.ts";
import { type Table, TablePrinter } from "../output/table.ts";
import { Failures } from "../write/failures.ts";
import type { Target } from "./find-targets.ts";
import { getObject, getTable, type ListQuery, listObjects, listTable } from "./list.ts";
import { sortBy } from "./sort.ts";

export interface GetOptions {
	format: Format;
	namespace: string;
	allNamespaces?: boolean;
	selector?: string;
	fieldSelector?: string;
	chunkSize: number;
	sortBy?: string;
	labelColumns: string[];
	showLabels?: boolean;
	showManagedFields?: boolean;
	headers: boolean;
	ignoreNotFound?: boolean;
}

interface ResourceTable {
	resource: ApiResource;
	table: Table;
}

/** Reads what `get` was asked for and prints it. */
export class Getter {
	readonly client: ApiClient;
	readonly cli: Cli;
	readonly options: GetOptions;

	constructor(client: ApiClient, cli: Cli, options: GetOptions) {
		this.client = client;
		this.cli = cli;
		this.options = options;
	}

	get showsTable(): boolean {
		return this.options.format.type === "table" || this.options.format.type === "wide";
	}

	get query(): ListQuery {
		const { selector, fieldSelector, chunkSize } = this.options;
		return { labelSelector: selector, fieldSelector, chunkSize };
	}

	/** One that cannot be read does not keep the others from being printed. */
	async print(targets: readonly Target[]): Promise<void> {
		const failures = new Failures();
		if (this.showsTable) await this.#printTables(targets, failures);
		else await this.#printObjects(targets, failures);
		failures.report(this.cli);
	}

	/** A printer for the tables of one resource. `withKind`: those of other resources stand beside them. */
	printerFor(resource: ApiResource, withKind: boolean): TablePrinter {
		const { format, allNamespaces, labelColumns, showLabels, headers } = this.options;
		return new TablePrinter({
			wide: format.type === "wide",
			headers,
			withNamespace: allNamespaces && resource.namespaced,
			kind: withKind ? qualified(resource) : undefined,
			labelColumns,
			showLabels,
		});
	}

	/** An object as it is printed. */
	shown(object: KubeObject): KubeObject {
		const { format, showManagedFields } = this.options;
		return (format.type === "json" || format.type === "yaml") && !showManagedFields ? withoutManagedFields(object) : object;
	}

	async readTable(target: Target): Promise<Table> {
		const include = this.options.sortBy === undefined ? undefined : "Object";
		const { resource, namespace, name } = target;
		if (name !== undefined) return await getTable(this.client, resource, namespace, name, include);
		return await listTable(this.client, resource, namespace, this.query, include);
	}

	async #printTables(targets: readonly Target[], failures: Failures): Promise<void> {
		const read: ResourceTable[] = [];
		for (const target of targets)
			await this.#attempt(failures, async () => {
				read.push({ resource: target.resource, table: await this.readTable(target) });
			});
		const blocks = joined(read).filter(({ table }) => table.rows.length > 0);
		const withKind = new Set(read.map(({ resource }) => `${apiVersionOf(resource)}/${resource.plural}`)).size > 1;
		for (const [index, { resource, table }] of blocks.entries()) {
			const separator = index > 0 && this.options.headers ? "\n" : "";
			this.cli.io.stdout.write(separator + this.printerFor(resource, withKind).print(this.sorted(table)));
		}
		if (blocks.length > 0 || failures.any || this.options.ignoreNotFound) return;
		const namespaced = !this.options.allNamespaces && targets.every(({ resource }) => resource.namespaced);
		this.cli.io.stderr.write(namespaced ? `No resources found in ${this.options.namespace} namespace.\n` : "No resources found\n");
	}

	/** With `--sort-by`. */
	sorted(table: Table): Table {
		const { sortBy: field } = this.options;
		return field === undefined ? table : { ...table, rows: sortBy(table.rows, field, ({ object }) => object) };
	}

	async #printObjects(targets: readonly Target[], failures: Failures): Promise<void> {
		const { format, headers, sortBy: field } = this.options;
		const found: KubeObject[] = [];
		for (const { resource, namespace, name } of targets)
			await this.#attempt(failures, async () => {
				if (name !== undefined) found.push(await getObject(this.client, resource, namespace, name));
				else found.push(...(await listObjects(this.client, resource, namespace, this.query)).items);
			});
		const objects = (field === undefined ? found : sortBy(found, field, (object) => object)).map((object) => this.shown(object));
		const single = targets.length === 1 && targets[0]?.name !== undefined;
		const [only] = objects;
		// What was not found is no empty list, if nothing else was asked for.
		if (!only && targets.every(({ name }) => name !== undefined)) return;
		const value = single && only ? only : listOf(objects);
		if (format.type === "custom-columns") this.cli.io.stdout.write(formatObject(value, format, { headers }));
		else writeObject(this.cli.io.stdout, value, format);
	}

	async #attempt(failures: Failures, read: () => Promise<void>): Promise<void> {
		await failures.attempt(async () => {
			try {
				await read();
			} catch (error) {
				if (!(this.options.ignoreNotFound && error instanceof ApiError && error.code === 404)) throw error;
			}
		});
	}
}

/** Tables of the same resource that follow each other are one. */
function joined(read: readonly ResourceTable[]): ResourceTable[] {
	const blocks: ResourceTable[] = [];
	for (const { resource, table } of read) {
		const last = blocks.at(-1);
		if (last?.resource === resource) last.table = { ...last.table, rows: [...last.table.rows, ...table.rows] };
		else blocks.push({ resource, table });
	}
	return blocks;
}
