import { age } from "./age.ts";
import type { Column } from "./kind.ts";
import type { BaseResource } from "./resource.ts";

/** What a cell says when there is nothing to say. */
export const NONE = "<none>";

/** AGE, the same for every kind. */
export const ageColumn: Column<BaseResource> = {
	name: "Age",
	type: "string",
	description: "Time since creation",
	cell: ({ metadata }, now) => age(metadata.creationTimestamp, now),
};

/** CREATED AT, which Kubernetes shows of roles instead of their age. */
export const createdAtColumn: Column<BaseResource> = {
	name: "Created At",
	type: "date",
	description: "When it was created",
	cell: ({ metadata }) => metadata.creationTimestamp,
};

/** @example listed([]) // "<none>" */
export function listed(items: readonly string[] | undefined): string {
	return items?.join(",") || NONE;
}
