import type { BaseResource, FieldsV1, ManagedFieldsEntry } from "../../resources/resource.ts";
import { timestamp } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { changesBetween } from "./differing.ts";
import { difference, EMPTY, isEmpty, ordered, union } from "./field-set.ts";
import { entriesOf, isReset } from "./managed-fields-entry.ts";
import { ownable, withMetadata } from "./ownable.ts";

/** Entries of updates that an object keeps apart: Kubernetes' number. Older ones are put together. */
export const UPDATES_LIMIT = 10;
/** Kubernetes' name for the managers whose entries were put together. */
const ANCIENT = "ancient-changes";

export interface UpdateToTrack {
	/** `undefined`: the object is created. */
	old: BaseResource | undefined;
	/** As it will be stored, with `metadata.managedFields` as the client sent them. */
	next: BaseResource;
	manager: string;
	/** Of the whole object. */
	schema: JsonSchema;
	apiVersion: string;
	/** Milliseconds since the epoch. */
	now: number;
	subresource?: string;
}

/**
 * Who owns what after a write that is no apply: the manager owns what it changed, and nobody else owns that any more, nor
 * what is gone. A client that sends `managedFields` replaces them; `[{}]` resets them, and the owners are unknown (none)
 * until the next apply. One that sends none, or none that make sense, leaves them.
 */
export function trackUpdate({ old, next, manager, schema, apiVersion, now, subresource }: UpdateToTrack): ManagedFieldsEntry[] {
	const entries = entriesBefore(old, next, subresource);
	if (old !== undefined && entries.length === 0) return [];
	const { changed, gone, isNone } = changesBetween(ownable(old ?? {}, subresource), ownable(next, subresource), withMetadata(schema));
	if (isNone) return entries;
	const self = { manager, operation: "Update", apiVersion, subresource } as const;
	const mine = entries.filter((entry) => isSame(entry, self));
	const others = entries.filter((entry) => !isSame(entry, self));
	const [kept] = without(mine, gone);
	const own = isEmpty(changed) ? kept : entry(self, union(kept?.fieldsV1 ?? EMPTY, changed), timestamp(now));
	return arranged([...without(without(others, changed), gone), ...(own ? [own] : [])]);
}

export type Manager = Pick<ManagedFieldsEntry, "manager" | "operation" | "apiVersion" | "subresource">;

/** Whether two entries are one manager's. An applier has one entry, whichever version it applied last. */
export function isSame(a: Manager, b: Manager): boolean {
	if (a.manager !== b.manager || a.operation !== b.operation || a.subresource !== b.subresource) return false;
	return a.operation === "Apply" || a.apiVersion === b.apiVersion;
}

export function entry({ manager, operation, apiVersion, subresource }: Manager, fields: FieldsV1, time: string): ManagedFieldsEntry {
	const made: ManagedFieldsEntry = { manager, operation, apiVersion, time, fieldsType: "FieldsV1", fieldsV1: ordered(fields) };
	return subresource === undefined ? made : { ...made, subresource };
}

/** What entries own without these fields; those that own nothing else are gone. */
export function without(entries: readonly ManagedFieldsEntry[], fields: FieldsV1): ManagedFieldsEntry[] {
	return entries.flatMap((entry) => {
		const fieldsV1 = difference(entry.fieldsV1, fields);
		if (isEmpty(fieldsV1)) return [];
		return [fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 }];
	});
}

/** Entries as they are stored: appliers first, then by time and name, and not too many. */
export function arranged(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
	const sorted = [...entries].sort((a, b) => compareText(orderOf(a), orderOf(b)));
	const appliers = sorted.filter(({ operation }) => operation === "Apply");
	const updaters = sorted.slice(appliers.length);
	if (updaters.length <= UPDATES_LIMIT) return sorted;
	// One more than the excess, because they become an entry themselves.
	const excess = updaters.length - UPDATES_LIMIT + 1;
	return arranged([...appliers, ...joined(updaters.slice(0, excess)), ...updaters.slice(excess)]);
}

/** Old entries as one for each version. */
function joined(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
	const ancient: ManagedFieldsEntry[] = [];
	for (const { apiVersion, fieldsV1, time } of entries) {
		const self = { manager: ANCIENT, operation: "Update", apiVersion } as const;
		const at = ancient.findIndex((entry) => isSame(entry, self));
		if (at === -1) ancient.push(entry(self, fieldsV1, time));
		else ancient[at] = entry(self, union(ancient[at]?.fieldsV1 ?? EMPTY, fieldsV1), time);
	}
	return ancient;
}

function entriesBefore(old: BaseResource | undefined, next: BaseResource, subresource: string | undefined): ManagedFieldsEntry[] {
	const stored = entriesOf(old?.metadata.managedFields) ?? [];
	if (subresource !== undefined) return stored;
	const sent: unknown = next.metadata.managedFields;
	if (isReset(sent)) return [];
	const entries = entriesOf(sent);
	return entries === undefined || entries.length === 0 ? stored : entries;
}

function orderOf({ operation, time, manager, apiVersion, subresource = "" }: ManagedFieldsEntry): string {
	return [operation, time, manager, apiVersion, subresource].join("\0");
}

function compareText(a: string, b: string): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}
