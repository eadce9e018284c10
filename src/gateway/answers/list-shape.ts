import type { Representation } from "../../api/negotiate.ts";
import { toList, toPartialList } from "../../api/partial-object.ts";
import type { ListPage } from "../../api/request.ts";
import { type IncludeObject, toTable } from "../../api/table.ts";
import type { KindDefinition } from "../../resources/kind.ts";

/** How a client wants its objects. */
export interface ListShape {
	as: Representation["as"];
	include: IncludeObject;
	/** Milliseconds since the epoch, for ages. */
	now: number;
}

/** A list with what is in it apart, so that it can be written page by page. */
export interface ListParts {
	/** Everything but the metadata and the elements. */
	head: object;
	metadata: object;
	/** Name of the array that the elements are in. */
	field: "items" | "rows";
	elements: readonly unknown[];
}

export function listParts(kind: KindDefinition, page: ListPage, { as, include, now }: ListShape): ListParts {
	if (as === "Table") {
		const { metadata, rows, ...head } = toTable(kind, page.items, { ...page, now, include });
		return { head, metadata, field: "rows", elements: rows };
	}
	const list = as === "PartialObjectMetadataList" ? toPartialList(page.items, page) : toList(kind, page.items, page);
	const { metadata, items, ...head } = list;
	return { head, metadata, field: "items", elements: items };
}
