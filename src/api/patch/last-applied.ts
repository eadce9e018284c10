/** What `kubectl apply` without `--server-side` leaves behind, so that a person can go from the one to the other. */
import type { FieldsV1 } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { differing } from "./differing.ts";
import { difference, EMPTY } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { isObject, type JsonObject, member } from "./json-value.ts";
import { ownable } from "./ownable.ts";

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** The fields that are still as the client-side apply left them. The same person may take them over without a conflict. */
export function unchangedSinceLastApplied(live: object, schema: JsonSchema): FieldsV1 {
	const applied = lastApplied(live);
	if (applied === undefined) return EMPTY;
	const config = ownable(applied, undefined);
	try {
		return difference(fieldsOf(config, schema), differing(ownable(live, undefined), config, schema) ?? EMPTY);
	} catch (error) {
		if (error instanceof RangeError) return EMPTY;
		throw error;
	}
}

/** The object with the annotation brought up to date, if it has one: what the next client-side apply compares with. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
	const metadata = member(object, "metadata");
	const annotations = member(metadata, "annotations");
	if (!isObject(metadata) || !isObject(annotations) || annotations[LAST_APPLIED] === undefined) return object;
	return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(config)}\n` } } };
}

function lastApplied(live: object): JsonObject | undefined {
	const text = member(member(member(live, "metadata"), "annotations"), LAST_APPLIED);
	if (typeof text !== "string") return undefined;
	try {
		const config: unknown = JSON.parse(text);
		return isObject(config) ? config : undefined;
	} catch {
		// Anyone may write an annotation; one that is no JSON says nothing.
		return undefined;
	}
}
