import { age } from "../../resources/age.ts";
import type { ApiClient } from "../api-client.ts";
import { type ApiResource, apiVersionOf, resourcePath } from "../api-resource.ts";
import type { KubeList, KubeObject } from "../objects.ts";
import { isTable, type Table } from "../output/table.ts";
import { listRefusal } from "./list-refusal.ts";

/** As kubectl asks for what it prints. */
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

export interface ListQuery {
	labelSelector?: string | undefined;
	fieldSelector?: string | undefined;
	/** Objects a page; 0: all in one. */
	chunkSize?: number;
}

/** Rows with the whole objects, to sort them by something that no column shows. */
export type IncludeObject = "Object" | undefined;

/** The parameters of a list or a watch, with those that are not set left out. */
export function queryOf({
	labelSelector,
	fieldSelector,
	...rest
}: Omit<ListQuery, "chunkSize"> & Record<string, string | undefined>): URLSearchParams {
	const given = Object.entries({ labelSelector, fieldSelector, ...rest }).filter(([, value]) => value !== undefined && value !== "");
	return new URLSearchParams(given.map(([key, value]) => [key, value ?? ""]));
}

/** All objects of a resource, page by page. Without a namespace: of all namespaces. */
export async function listObjects(
	client: ApiClient,
	resource: ApiResource,
	namespace: string | undefined,
	query: ListQuery = {},
): Promise<KubeList> {
	const pages = await getPages<KubeList>(client, resource, namespace, query);
	const items = pages.flatMap((page) => page.items ?? []).map((item) => typed(item, resource));
	return { apiVersion: "v1", kind: "List", metadata: pages[0]?.metadata ?? {}, items };
}

/** The same as the server's Table. */
export async function listTable(
	client: ApiClient,
	resource: ApiResource,
	namespace: string | undefined,
	query: ListQuery = {},
	includeObject?: IncludeObject,
): Promise<Table> {
	const pages = await getPages<Table | KubeList>(client, resource, namespace, query, { Accept: TABLE }, includeObject);
	const tables = pages.map((page) => asTable(page, resource));
	return {
		kind: "Table",
		metadata: tables[0]?.metadata ?? {},
		columnDefinitions: tables[0]?.columnDefinitions ?? [],
		rows: tables.flatMap(({ rows }) => rows ?? []),
	};
}

export async function getObject(
	client: ApiClient,
	resource: ApiResource,
	namespace: string | undefined,
	name: string,
): Promise<KubeObject> {
	return typed(await client.json<KubeObject>(resourcePath(resource, namespace, name)), resource);
}

export async function getTable(
	client: ApiClient,
	resource: ApiResource,
	namespace: string | undefined,
	name: string,
	includeObject?: IncludeObject,
): Promise<Table> {
	const path = `${resourcePath(resource, namespace, name)}${includeObject ? `?${queryOf({ includeObject })}` : ""}`;
	return asTable(await client.json<Table | KubeObject>(path, { headers: { Accept: TABLE } }), resource);
}

/** The header with which watches ask for tables. */
export const AS_TABLE = { Accept: TABLE };

/** What a server that makes no tables for this resource answers is shown by its name and age. */
export function asTable(answer: Table | KubeList | KubeObject, resource: ApiResource): Table {
	if (isTable(answer)) return answer;
	const items = "items" in answer ? answer.items : [answer];
	return {
		kind: "Table",
		metadata: answer.metadata ?? {},
		columnDefinitions: [{ name: "Name", format: "name" }, { name: "Age" }],
		rows: items.map((item) => ({
			cells: [item.metadata.name, age(item.metadata.creationTimestamp, Date.now())],
			object: typed(item, resource),
		})),
	};
}

async function getPages<Page extends { metadata?: { continue?: string } }>(
	client: ApiClient,
	resource: ApiResource,
	namespace: string | undefined,
	{ chunkSize = 500, ...query }: ListQuery,
	headers: Record<string, string> = {},
	includeObject?: IncludeObject,
): Promise<Page[]> {
	const pages: Page[] = [];
	const limit = chunkSize > 0 ? String(chunkSize) : undefined;
	let next: string | undefined;
	do {
		const search = queryOf({ ...query, limit, continue: next, includeObject }).toString();
		const path = `${resourcePath(resource, namespace)}${search === "" ? "" : `?${search}`}`;
		const page = await client.json<Page>(path, { headers }).catch((error: unknown) => {
			throw listRefusal(error, resource, query);
		});
		pages.push(page);
		next = page.metadata?.continue;
	} while (next);
	return pages;
}

/** Items of a list do not always say what they are. */
function typed<T extends KubeObject>(item: T, resource: ApiResource): T {
	return { ...item, apiVersion: item.apiVersion ?? apiVersionOf(resource), kind: item.kind ?? resource.kind };
}
