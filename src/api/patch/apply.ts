import { type BaseResource, type FieldsV1, type ManagedFieldsEntry, timestamp } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { ApiError, failure, type Status } from "../status.ts";
import { type Conflict, conflictStatus, conflictsOver } from "./conflicts.ts";
import { changesBetween } from "./differing.ts";
import { difference, EMPTY, isEmpty, union } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { equalJson, isObject, type JsonObject, member, withoutNulls } from "./json-value.ts";
import { unchangedSinceLastApplied, withLastApplied } from "./last-applied.ts";
import { arranged, entry, isSame, trackUpdate, without } from "./managed-fields.ts";
import { entriesOf } from "./managed-fields-entry.ts";
import { mergeConfiguration } from "./merge-configuration.ts";
import { checkNesting } from "./nesting.ts";
import { applicable, ownable, withMetadata } from "./ownable.ts";
import { prune } from "./prune.ts";

export interface Application {
	/** `undefined`: the object is created. */
	live: BaseResource | undefined;
	/** What the manager wants to be, and nothing else. */
	config: unknown;
	manager: string;
	/** Takes fields from managers that own them with another value. */
	force: boolean;
	/** Of the whole object. */
	schema: JsonSchema;
	apiVersion: string;
	/** Milliseconds since the epoch. */
	now: number;
	subresource?: string;
}

/** The object to admit and store, or a 409. */
export type Applied = { object: AppliedObject; conflicts?: undefined } | { object?: undefined; conflicts: Status };

export interface AppliedObject {
	[field: string]: unknown;
	metadata: { [field: string]: unknown; managedFields: ManagedFieldsEntry[] };
}

/** Owns all there is when an object of unknown owners is applied: Kubernetes' name. */
const BEFORE_FIRST_APPLY = "before-first-apply";
/** What every object keeps, whoever stated it. */
const IDENTITY: FieldsV1 = { "f:metadata": { "f:name": {} } };
/** The only manager for whom Kubernetes looks at the annotation of client-side apply. */
const KUBECTL = "kubectl";

/**
 * Server-side apply. The manager's fields become those of the configuration: what it stated before, does not state now and
 * nobody else owns is removed, and a value that another manager owns is changed by force only.
 * @throws ApiError 400 for a configuration that cannot be applied
 */
export function applyConfiguration(application: Application): Applied {
	const { live, manager, force, apiVersion, now, subresource } = application;
	const schema = withMetadata(application.schema);
	checkNesting(application.config);
	const config = checked(withoutNulls(application.config));
	const stated = statedFields(config, schema, subresource);
	const entries = live === undefined ? [] : entriesBefore(live, application);
	const self = { manager, operation: "Apply", apiVersion, subresource } as const;
	const mine = entries.find((other) => isSame(other, self));
	const others = entries.filter((other) => other !== mine);

	const merged = mergeConfiguration(live ?? {}, applicable(config, subresource), schema);
	const managed = others.reduce((all, { fieldsV1 }) => union(all, fieldsV1), union(stated, IDENTITY));
	const object = checked(prune(merged, mine?.fieldsV1 ?? EMPTY, managed, schema));

	const { changed, gone, isNone } = changesBetween(ownable(live ?? {}, subresource), ownable(object, subresource), schema);
	const conflicts = force ? [] : conflictsOver(changed, others);
	const left = manager === KUBECTL && live !== undefined && conflicts.length > 0 ? withoutOwn(conflicts, live, schema) : conflicts;
	if (left.length > 0) return { conflicts: conflictStatus(left) };

	const next = entry(self, stated, timestamp(now));
	// Nothing new: the time stays, so that an apply without effect is no write.
	const isRepeated = mine !== undefined && isNone && equalJson(mine.fieldsV1, next.fieldsV1);
	const own = isRepeated ? { ...next, time: mine.time } : next;
	const managedFields = arranged([...without(without(others, changed), gone), ...(isEmpty(stated) ? [] : [own])]);
	const final = manager === KUBECTL ? withLastApplied(object, config) : object;
	return { object: { ...final, metadata: { ...metadataOf(final), managedFields } } };
}

/** @throws ApiError 400 */
function checked(config: unknown): JsonObject {
	if (!isObject(config))
		throw new ApiError(failure("BadRequest", "The applied configuration is not an object. Send one JSON or YAML object."));
	const metadata = config.metadata ?? {};
	if (!isObject(metadata)) throw new ApiError(failure("BadRequest", "metadata of the applied configuration is not an object."));
	return config;
}

/** @throws ApiError 400 in Kubernetes' words */
function statedFields(config: JsonObject, schema: JsonSchema, subresource: string | undefined): FieldsV1 {
	const managedFields = member(config.metadata, "managedFields");
	if (Array.isArray(managedFields) ? managedFields.length > 0 : managedFields !== undefined && managedFields !== null)
		throw new ApiError(failure("BadRequest", "metadata.managedFields must be nil"));
	const { metadata, ...fields } = ownable(config, subresource);
	try {
		// `metadata` itself belongs to nobody.
		return fieldsOf(isObject(metadata) && Object.keys(metadata).length > 0 ? { metadata, ...fields } : fields, schema);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		const { namespace = "", name = "" } = metadataOf(config);
		const place = namespace === "" ? name : `${namespace}/${name}`;
		const message = `failed to create typed patch object (${place}; ${config.apiVersion}, Kind=${config.kind}): ${error.message}`;
		throw new ApiError(failure("BadRequest", message));
	}
}

function entriesBefore(live: BaseResource, { schema, apiVersion, now }: Application): ManagedFieldsEntry[] {
	const entries = entriesOf(live.metadata.managedFields) ?? [];
	if (entries.length > 0) return entries;
	return trackUpdate({ old: undefined, next: live, manager: BEFORE_FIRST_APPLY, schema, apiVersion, now });
}

/** The conflicts that are not with the manager's own client-side apply. */
function withoutOwn(conflicts: readonly Conflict[], live: BaseResource, schema: JsonSchema): Conflict[] {
	const own = unchangedSinceLastApplied(live, schema);
	return conflicts.map(({ manager, fields }) => ({ manager, fields: difference(fields, own) })).filter(({ fields }) => !isEmpty(fields));
}

function metadataOf(object: JsonObject): JsonObject {
	return isObject(object.metadata) ? object.metadata : {};
}
