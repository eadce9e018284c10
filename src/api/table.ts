import type { Cell, Column, KindDefinition } from "../resources/kind.ts";
import type { ObjectMeta, Resource } from "../resources/resource.ts";

/** `meta.k8s.io/v1` Table: what `kubectl get` prints. */
export interface Table {
	kind: "Table";
	apiVersion: "meta.k8s.io/v1";
	metadata: { resourceVersion: string };
	columnDefinitions: { name: string; type: string; format: string; description: string; priority: number }[];
	rows: TableRow[];
}

export interface TableRow {
	cells: Cell[];
	object?: { kind: "PartialObjectMetadata"; apiVersion: "meta.k8s.io/v1"; metadata: ObjectMeta } | Resource;
}

/** What of the object each row carries: kubectl's `includeObject`. */
export type IncludeObject = "None" | "Metadata" | "Object";

const NAME: Column<Resource> = {
	name: "Name",
	type: "string",
	format: "name",
	description: "Unique within a namespace",
	cell: ({ metadata }) => metadata.name,
};

/** `now` in milliseconds since the epoch, for ages. */
export function toTable(
	kind: KindDefinition,
	objects: readonly Resource[],
	{ resourceVersion, now, include = "Metadata" }: { resourceVersion: string; now: number; include?: IncludeObject },
): Table {
	const columns = [NAME, ...kind.columns];
	return {
		kind: "Table",
		apiVersion: "meta.k8s.io/v1",
		metadata: { resourceVersion },
		columnDefinitions: columns.map(({ name, type, format = "", description, priority = 0 }) => ({
			name,
			type,
			format,
			description,
			priority,
		})),
		rows: objects.map((object) => ({ cells: columns.map((column) => column.cell(object, now)), ...rowObject(object, include) })),
	};
}

function rowObject(object: Resource, include: IncludeObject): Pick<TableRow, "object"> {
	if (include === "None") return {};
	if (include === "Object") return { object };
	return { object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata } };
}

/** Whether an `Accept` header asks for a Table, at any place of its list. */
export function acceptsTable(accept: string): boolean {
	return accept.split(",").some((range) => {
		const [type, ...parameters] = range.split(";").map((part) => part.trim());
		const wants = new Set(parameters);
		return type === "application/json" && wants.has("as=Table") && wants.has("v=v1") && wants.has("g=meta.k8s.io");
	});
}
