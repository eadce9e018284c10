import type * as z from "zod";
import type { Cause } from "../api/status.ts";
import type { NameFormat } from "./name.ts";
import type { BaseResource } from "./resource.ts";

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** Verbs of a kind that clients may change in every way. */
export const ALL_VERBS: readonly Verb[] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/** Verbs of a kind that clients only look at. */
export const READ_VERBS: readonly Verb[] = ["get", "list", "watch"];

export type Cell = string | number;

/** A column of `kubectl get`. */
export interface Column<Object extends BaseResource> {
	name: string;
	type: "string" | "integer" | "date";
	/** `name` marks the column that identifies the row. */
	format?: "name";
	description: string;
	/** Above 0: only under `-o wide`. */
	priority?: number;
	/** `now` in milliseconds since the epoch. */
	cell(object: Object, now: number): Cell;
}

/** Reads the text of a field. The type of a method, so that a list of kinds may hold readers of each kind's own objects. */
export type FieldReader<Object extends BaseResource> = { read(object: Object): string }["read"];

/** What is served below an object, such as `agents/status` or `pods/log`: a resource of its own for discovery and RBAC. */
export interface Subresource {
	name: string;
	verbs: readonly Verb[];
	/** Kind of the bodies, where it is not the parent's. */
	body?: { group: string; version: string; kind: string };
}

/** A kind whose objects are not stored: they are another kind's, seen differently. */
export interface Projection<Object extends BaseResource = BaseResource> {
	/** Plural of the stored kind. */
	of: string;
	/** The stored object as this kind shows it: same name and resource version. */
	read(stored: BaseResource): Object;
}

/**
 * Everything that klaw's API server needs to know of a kind. A kind is one folder here with one of these, and one line in
 * `registry.ts`; types, OpenAPI schema, validation, defaults, columns and `explain` all come out of it.
 */
export interface KindDefinition<Object extends BaseResource = BaseResource> {
	/** `""` is the core group. */
	group: string;
	version: string;
	kind: string;
	plural: string;
	singular: string;
	shortNames: readonly string[];
	/** Groups of kinds that `get` takes by one name, such as `all` or `klaw`. */
	categories?: readonly string[];
	scope: "Namespaced" | "Cluster";
	verbs: readonly Verb[];
	subresources?: readonly Subresource[];
	/** One sentence or two for `explain`. */
	description: string;
	/** What names of this kind look like. */
	names: NameFormat;
	/** The fields beside apiVersion, kind, metadata and status. A strict object with defaults: what it returns is stored. */
	schema: z.ZodType<Omit<Object, "apiVersion" | "kind" | "metadata" | "status">>;
	/** Absent: the kind has none. Clients write it by the subresource `status` only, and only if that is listed. */
	status?: z.ZodType;
	/** Checks that a schema cannot express. Fields are paths from the object's root. */
	validate?(object: Object): Cause[];
	/** What is good and yet not what its author may expect, in sentences that every write of the object is answered with. */
	warnings?(object: Object): string[];
	/** What may not change, and how. */
	validateUpdate?(old: Object, next: Object): Cause[];
	/** Field selectors beside `metadata.name` and `metadata.namespace`, by path. */
	selectableFields?: Readonly<Record<string, FieldReader<Object>>>;
	/** The object as it leaves the server, for what must not: the values of a Secret. */
	redact?(object: Object): Object;
	projection?: Projection<Object>;
	/** After NAME. */
	columns: readonly Column<Object>[];
}

/** `klaw.sh/v1`; the core group is just `v1`. */
export function apiVersionOf({ group, version }: Pick<KindDefinition, "group" | "version">): string {
	return group === "" ? version : `${group}/${version}`;
}
