import type { Cell, Column, KindDefinition } from "../resources/kind.ts";
import type { BaseResource } from "../resources/resource.ts";
import { type ListMeta, listMeta, type PartialObjectMetadata, toPartial } from "./partial-object.ts";

/** `meta.k8s.io/v1` Table: what `kubectl get` prints. */
export interface Table {
	kind: "Table";
	apiVersion: "meta.k8s.io/v1";
	metadata: ListMeta;
	columnDefinitions: ColumnDefinition[];
	rows: TableRow[];
}

export interface ColumnDefinition {
	name: string;
	type: string;
	format: string;
	description: string;
	/** Above 0: only under `-o wide`. */
	priority: number;
}

export interface TableRow {
	cells: Cell[];
	object?: PartialObjectMetadata | BaseResource;
}

/** What of the object each row carries: the query parameter `includeObject`. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions extends ListMeta {
	/** Milliseconds since the epoch, for ages. */
	now: number;
	/** Absent: `Metadata`. */
	include?: IncludeObject;
	/** Without the column definitions: a watch sends them with its first event only. */
	headless?: boolean;
}

const NAME: Column<BaseResource> = {
	name: "Name",
	type: "string",
	format: "name",
	description: "Unique within a namespace",
	cell: ({ metadata }) => metadata.name,
};

/** NAME comes first, unless the kind puts it elsewhere itself, as Events do. */
export function columnsOf({ columns }: KindDefinition): readonly Column<BaseResource>[] {
	return columns.some(({ format }) => format === "name") ? columns : [NAME, ...columns];
}

export function toTable(kind: KindDefinition, objects: readonly BaseResource[], options: TableOptions): Table {
	const columns = columnsOf(kind);
	const { now, include = "Metadata", headless = false } = options;
	return {
		kind: "Table",
		apiVersion: "meta.k8s.io/v1",
		metadata: listMeta(options),
		columnDefinitions: headless ? [] : columns.map(definition),
		rows: objects.map((object) => ({ cells: columns.map((column) => column.cell(object, now)), ...rowObject(object, include) })),
	};
}

function definition({ name, type, format, description, priority = 0 }: Column<BaseResource>): ColumnDefinition {
	return { name, type, format: format ?? "", description, priority };
}

function rowObject(object: BaseResource, include: IncludeObject): Pick<TableRow, "object"> {
	if (include === "None") return {};
	return { object: include === "Object" ? object : toPartial(object) };
}
