import type * as z from "zod";
import type { Cause } from "../api/status.ts";
import type { NameFormat } from "./name.ts";
import type { Resource } from "./resource.ts";

export type Verb = "get" | "list" | "create" | "update" | "delete";

export type Cell = string | number;

/** A column of `kubectl get`. */
export interface Column<Object extends Resource> {
	name: string;
	type: "string" | "integer";
	/** `name` marks the column that identifies the row. */
	format?: "name";
	description: string;
	/** Above 0: only under `-o wide`. */
	priority?: number;
	/** `now` in milliseconds since the epoch. */
	cell(object: Object, now: number): Cell;
}

/**
 * Everything that klaw's API server needs to know of a kind. A kind is one folder here with one of these, and one line in
 * `registry.ts`; types, validation, defaults and columns all come out of it.
 */
export interface KindDefinition<Spec = unknown, Status = unknown> {
	/** `""` is the core group. */
	group: string;
	version: string;
	kind: string;
	plural: string;
	singular: string;
	shortNames: readonly string[];
	scope: "Namespaced" | "Cluster";
	verbs: readonly Verb[];
	/** What names of this kind look like. */
	names: NameFormat;
	/** Strict, with defaults: what it returns is what is stored. */
	spec: z.ZodType<Spec>;
	status: z.ZodType<Status>;
	/** Checks that a schema cannot express. Fields are paths from the object's root. */
	validate?(spec: Spec): Cause[];
	/** After NAME. */
	columns: readonly Column<Resource<Spec, Status>>[];
}

/** `klaw.sh/v1`; the core group is just `v1`. */
export function apiVersionOf({ group, version }: Pick<KindDefinition, "group" | "version">): string {
	return group === "" ? version : `${group}/${version}`;
}
