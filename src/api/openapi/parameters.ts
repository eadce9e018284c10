import type { JsonSchema } from "./json-schema.ts";

export interface Parameter {
	name: string;
	in: "query" | "path";
	description: string;
	required?: true;
	schema: JsonSchema;
}

function query(name: string, type: "string" | "integer" | "boolean", description: string): Parameter {
	return { name, in: "query", description, schema: { type } };
}

export const namePath: Parameter = {
	name: "name",
	in: "path",
	description: "Name of the object",
	required: true,
	schema: { type: "string" },
};
export const namespacePath: Parameter = {
	name: "namespace",
	in: "path",
	description: "Namespace of the object",
	required: true,
	schema: { type: "string" },
};

const selectors = [
	query("fieldSelector", "string", "Only objects whose fields have these values, for example metadata.name=a"),
	query("labelSelector", "string", "Only objects whose labels match, for example team=a,tier in (x,y)"),
];

const paging = [
	query("continue", "string", "Token of the page before"),
	query("limit", "integer", "Objects on a page at most"),
	query("resourceVersion", "string", "Version of the data that the answer may not be older than"),
	query("resourceVersionMatch", "string", "Exact or NotOlderThan: how resourceVersion is meant"),
	query("timeoutSeconds", "integer", "When the request ends, whatever happens"),
];

export const listParameters: readonly Parameter[] = [
	...selectors,
	...paging,
	query("allowWatchBookmarks", "boolean", "Whether a watch is told now and then where it stands"),
	query("sendInitialEvents", "boolean", "Whether a watch begins with everything that is there"),
	query("watch", "boolean", "Whether to stay and be told of changes"),
];

const dryRun = query("dryRun", "string", "All: everything but the writing");
const fieldManager = query("fieldManager", "string", "Who sets the fields, for metadata.managedFields");
const fieldValidation = query("fieldValidation", "string", "What becomes of unknown fields: Ignore, Warn or Strict");

export const writeParameters: readonly Parameter[] = [dryRun, fieldManager, fieldValidation];
export const patchParameters: readonly Parameter[] = [
	...writeParameters,
	query("force", "boolean", "Whether server-side apply takes fields from other managers"),
];

export const deleteParameters: readonly Parameter[] = [
	dryRun,
	query("gracePeriodSeconds", "integer", "How long the object may take to end; 0: at once"),
	query("propagationPolicy", "string", "What becomes of dependents: Background, Foreground or Orphan"),
];
export const deleteCollectionParameters: readonly Parameter[] = [...deleteParameters, ...selectors, ...paging];
