import type { FieldsV1, ManagedFieldsEntry } from "../../resources/resource.ts";
import { isObject } from "./json-value.ts";

const ELEMENT = /^(?:\.$|f:|[kvi]:.)/s;
/** Levels of fields in each other: more than any schema has, and few enough to walk. */
const DEPTH_LIMIT = 100;

/** `metadata.managedFields`, or `undefined` when a client sent something else. */
export function entriesOf(value: unknown): ManagedFieldsEntry[] | undefined {
	if (!Array.isArray(value)) return undefined;
	return value.every(isEntry) ? value : undefined;
}

/** Kubernetes' way to say that the owners are to be forgotten: `[{}]`. An empty list is what those send who know of none. */
export function isReset(value: unknown): boolean {
	return Array.isArray(value) && value.length === 1 && isObject(value[0]) && Object.keys(value[0]).length === 0;
}

function isEntry(value: unknown): value is ManagedFieldsEntry {
	if (!isObject(value)) return false;
	const { manager, operation, apiVersion, time, fieldsType, fieldsV1, subresource } = value;
	return (
		typeof manager === "string" &&
		(operation === "Apply" || operation === "Update") &&
		typeof apiVersion === "string" &&
		typeof time === "string" &&
		fieldsType === "FieldsV1" &&
		(subresource === undefined || typeof subresource === "string") &&
		isFields(fieldsV1, 0)
	);
}

function isFields(value: unknown, depth: number): value is FieldsV1 {
	if (!isObject(value) || depth > DEPTH_LIMIT) return false;
	for (const element of Object.keys(value)) if (!ELEMENT.test(element) || !isFields(value[element], depth + 1)) return false;
	return true;
}
