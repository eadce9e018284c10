import type * as z from "zod";
import { checkNesting } from "../api/patch/nesting.ts";
import type { WriteOptions } from "../api/request.ts";
import { ApiError, type Cause, failure, invalid } from "../api/status.ts";
import { causesOf, fieldPath } from "./causes.ts";
import { apiVersionOf, type KindDefinition } from "./kind.ts";
import { type DraftMetadata, draftMetadataSchema, metadataCauses, shown } from "./metadata.ts";
import { nameProblem } from "./name.ts";

/** Where a body was sent. */
export interface Target {
	kind: KindDefinition;
	namespace: string | undefined;
	/** The name in the URL, for an update. */
	name?: string | undefined;
	fieldValidation: WriteOptions["fieldValidation"];
}

/** A body that was found good: every default filled in, everything unknown left out. */
export interface Draft {
	metadata: DraftMetadata;
	/** The fields beside apiVersion, kind, metadata and status. */
	fields: Record<string, unknown>;
	/** As it was sent; looked at for writes of the subresource only. */
	status: unknown;
	/** For the client: what was left out. */
	warnings: string[];
}

/** Bytes of one object, as etcd has it in Kubernetes. */
export const OBJECT_LIMIT_BYTES = 1_572_864;

/**
 * Checks what a client sent as an object of a kind and fills in the defaults.
 * @throws ApiError 400 when the body is no such object or is meant for another place, 422 with every wrong field
 */
export function admit(target: Target, body: unknown): Draft {
	const { kind, fieldValidation } = target;
	if (!isRecord(body))
		throw new ApiError(failure("BadRequest", `The body is ${shown(body)}, not an object. Send one ${kind.kind} as a JSON or YAML object.`));
	checkNesting(body);
	refuseOtherKind(kind, body);
	// Go writes null for what is not set, and so does kubectl.
	const { apiVersion: _, kind: __, metadata: rawMetadata = {}, status, ...rawFields } = hasNull(body) ? withoutNulls(body) : body;

	const metadata = parseKnown(draftMetadataSchema, "metadata", rawMetadata);
	const fields = parseKnown(kind.schema, "", rawFields);
	const unknown = [...metadata.unknown, ...fields.unknown].map((path) => `unknown field "${path}"`);
	if (unknown.length > 0 && fieldValidation === "Strict") {
		const message = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${unknown.join(", ")}`;
		throw new ApiError(failure("BadRequest", message));
	}
	const causes: Cause[] = [...metadata.causes];
	if (metadata.data) causes.push(...nameCauses(target, metadata.data), ...metadataCauses(metadata.data));
	causes.push(...fields.causes);
	if (causes.length > 0 || !metadata.data || !fields.data) throw new ApiError(invalid(kind, nameIn(rawMetadata), causes));
	refuseOtherPlace(target, metadata.data);
	return {
		metadata: { ...metadata.data, name: target.name ?? metadata.data.name },
		fields: fields.data,
		status,
		warnings: fieldValidation === "Ignore" ? [] : unknown,
	};
}

/** @throws ApiError 422 when a name could not be the name of such an object */
export function checkName(kind: KindDefinition, name: string): void {
	const problem = nameProblem(kind.names, name);
	if (problem === undefined) return;
	throw new ApiError(
		invalid(kind, name, [{ reason: "FieldValueInvalid", field: "metadata.name", message: `Invalid value: ${shown(name)}: ${problem}` }]),
	);
}

/** @throws ApiError 422 */
export function checkNamespace(namespace: string): void {
	const problem = nameProblem("label", namespace);
	if (problem === undefined) return;
	const cause: Cause = { reason: "FieldValueInvalid", field: "metadata.name", message: `Invalid value: ${shown(namespace)}: ${problem}` };
	throw new ApiError(invalid({ group: "", kind: "Namespace", plural: "namespaces" }, namespace, [cause]));
}

/** @throws ApiError 413 */
export function checkSize(kind: KindDefinition, object: { metadata: { name: string } }): void {
	const bytes = bytesOf(object);
	if (bytes <= OBJECT_LIMIT_BYTES) return;
	const message = `${kind.kind} "${object.metadata.name}" is ${bytes} bytes, and at most ${OBJECT_LIMIT_BYTES} are stored. Keep large content elsewhere and name it here.`;
	throw new ApiError(failure("RequestEntityTooLarge", message));
}

/** What is stored of a value: its strings in UTF-8, and a few bytes for everything else. Not as JSON, which may be six times as long. */
function bytesOf(value: unknown): number {
	if (typeof value === "string") return value.length < 256 ? value.length : new TextEncoder().encode(value).byteLength;
	if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 1 + bytesOf(item), 2);
	if (!isRecord(value)) return 8;
	return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + 4 + bytesOf(item), 2);
}

interface Known<T> {
	data?: T;
	causes: Cause[];
	unknown: string[];
}

/** What a schema says of a value, with the fields that it does not know taken out first. */
function parseKnown<T>(schema: z.ZodType<T>, root: string, input: unknown): Known<T> {
	const unknown: string[] = [];
	let value = input;
	for (;;) {
		const parsed = schema.safeParse(value);
		if (parsed.success) return { data: parsed.data, causes: [], unknown };
		const extra = parsed.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? [issue] : []));
		if (extra.length === 0) return { causes: causesOf(parsed.error, root, value), unknown };
		value = structuredClone(value);
		for (const issue of extra) {
			for (const key of issue.keys) {
				unknown.push(fieldPath(root, [...issue.path, key]));
				drop(value, issue.path, key);
			}
		}
	}
}

function drop(root: unknown, path: readonly PropertyKey[], key: string): void {
	let owner = root;
	for (const step of path) owner = typeof owner === "object" && owner !== null ? Reflect.get(owner, step) : undefined;
	if (typeof owner === "object" && owner !== null) Reflect.deleteProperty(owner, key);
}

function refuseOtherKind(kind: KindDefinition, body: Record<string, unknown>): void {
	const apiVersion = apiVersionOf(kind);
	const wrong = (what: string, value: unknown, right: string) =>
		new ApiError(
			failure(
				"BadRequest",
				`the ${what} in the data (${typeof value === "string" ? value : shown(value)}) does not match the expected ${what} (${right})`,
			),
		);
	if (body.apiVersion !== undefined && body.apiVersion !== apiVersion) throw wrong("API version", body.apiVersion, apiVersion);
	if (body.kind !== undefined && body.kind !== kind.kind) throw wrong("kind", body.kind, kind.kind);
}

function nameCauses({ kind, name: expected }: Target, { name, generateName }: DraftMetadata): Cause[] {
	if (name !== undefined && name !== "") {
		const problem = nameProblem(kind.names, name);
		return problem ? [{ reason: "FieldValueInvalid", field: "metadata.name", message: `Invalid value: ${shown(name)}: ${problem}` }] : [];
	}
	if (expected !== undefined) return [];
	if (generateName !== undefined && generateName !== "") {
		// Five characters are appended, so a stem may end with a dash or a dot.
		const problem = nameProblem(kind.names, `${generateName.slice(0, 58)}x`);
		return problem
			? [{ reason: "FieldValueInvalid", field: "metadata.generateName", message: `Invalid value: ${shown(generateName)}: ${problem}` }]
			: [];
	}
	return [{ reason: "FieldValueRequired", field: "metadata.name", message: "Required value: name or generateName is required" }];
}

function refuseOtherPlace({ namespace, name }: Target, metadata: DraftMetadata): void {
	if (metadata.namespace !== undefined && metadata.namespace !== "" && metadata.namespace !== namespace)
		throw new ApiError(failure("BadRequest", "the namespace of the provided object does not match the namespace sent on the request"));
	if (name !== undefined && metadata.name !== undefined && metadata.name !== "" && metadata.name !== name) {
		const message = `the name of the object (${metadata.name}) does not match the name on the URL (${name})`;
		throw new ApiError(failure("BadRequest", message));
	}
}

function nameIn(metadata: unknown): string {
	if (!isRecord(metadata)) return "";
	const { name, generateName } = metadata;
	return typeof name === "string" ? name : typeof generateName === "string" ? generateName : "";
}

/** Most bodies have none, and to look is a fraction of what a copy costs. */
function hasNull(value: unknown): boolean {
	return value === null || (typeof value === "object" && Object.values(value).some(hasNull));
}

function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
	const strip = (inner: unknown): unknown => {
		if (Array.isArray(inner)) return inner.map(strip);
		if (!isRecord(inner)) return inner;
		const kept: Record<string, unknown> = {};
		for (const [key, item] of Object.entries(inner))
			if (item !== null) Object.defineProperty(kept, key, { value: strip(item), enumerable: true, writable: true, configurable: true });
		return kept;
	};
	return strip(value) as Record<string, unknown>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
