import * as z from "zod";
import { ApiError, type Cause, failure, invalid } from "../api/status.ts";
import { causesOf } from "./causes.ts";
import { specDigest } from "./digest.ts";
import { apiVersionOf, type KindDefinition } from "./kind.ts";
import { type DraftMetadata, draftMetadataSchema, metadataCauses, shown } from "./metadata.ts";
import { nameProblem } from "./name.ts";
import type { Draft } from "./resource.ts";

/** Where a body was sent. */
export interface Target {
	kind: KindDefinition;
	namespace: string | undefined;
	/** The name in the URL, for an update. */
	name?: string;
}

const envelopeSchema = z.strictObject({
	apiVersion: z.unknown(),
	kind: z.unknown(),
	metadata: z.unknown(),
	spec: z.unknown(),
	// Clients apply what they got; a write of the spec never touches the status.
	status: z.unknown(),
});

/**
 * Checks what a client sent as an object of a kind and fills in the defaults.
 * @throws ApiError 400 when the body is no such object or is meant for another place, 422 with every wrong field
 */
export async function admit(target: Target, body: unknown): Promise<Draft> {
	const { kind } = target;
	if (typeof body !== "object" || body === null || Array.isArray(body)) {
		throw new ApiError(failure("BadRequest", `The body is ${shown(body)}, not an object. Send one ${kind.kind} as a JSON or YAML object.`));
	}
	const envelope = { apiVersion: undefined, kind: undefined, metadata: undefined, spec: undefined, status: undefined, ...body };
	refuseOtherKind(kind, envelope);

	const rawMetadata = envelope.metadata ?? {};
	const rawSpec = envelope.spec ?? {};
	const metadata = draftMetadataSchema.safeParse(rawMetadata);
	const spec = kind.spec.safeParse(rawSpec);
	const extra = envelopeSchema.safeParse(envelope);

	const causes: Cause[] = [];
	if (!extra.success) causes.push(...causesOf(extra.error, "", envelope));
	if (!metadata.success) causes.push(...causesOf(metadata.error, "metadata", rawMetadata));
	else causes.push(...nameCauses(target, metadata.data), ...metadataCauses(metadata.data));
	if (!spec.success) causes.push(...causesOf(spec.error, "spec", rawSpec));
	else causes.push(...(kind.validate?.(spec.data) ?? []));
	if (causes.length > 0 || !metadata.success || !spec.success) throw new ApiError(invalid(kind, nameIn(rawMetadata), causes));

	refuseOtherPlace(target, metadata.data);
	const { name, generateName, labels, annotations, uid, resourceVersion } = metadata.data;
	return {
		metadata: {
			name: target.name ?? name,
			generateName,
			labels: labels ?? undefined,
			annotations: annotations ?? undefined,
			uid,
			resourceVersion,
		},
		spec: spec.data,
		digest: await specDigest(spec.data),
	};
}

/** @throws ApiError 422 when a name in the URL could not be the name of such an object */
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

function refuseOtherKind(kind: KindDefinition, body: { apiVersion: unknown; kind: unknown }): void {
	const apiVersion = apiVersionOf(kind);
	const wrong = (field: string, value: unknown, right: string) =>
		new ApiError(
			failure(
				"BadRequest",
				`The object's ${field} is ${shown(value)}, and this URL takes ${right}. Send it where it belongs or change its ${field}.`,
			),
		);
	if (body.apiVersion !== undefined && body.apiVersion !== apiVersion) throw wrong("apiVersion", body.apiVersion, apiVersion);
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

function refuseOtherPlace({ kind, namespace, name }: Target, metadata: DraftMetadata): void {
	if (metadata.namespace !== undefined && metadata.namespace !== "" && metadata.namespace !== namespace) {
		const message = `The object's namespace is ${shown(metadata.namespace)}, and the URL's is ${shown(namespace ?? "")}. They must be the same.`;
		throw new ApiError(failure("BadRequest", message));
	}
	if (name !== undefined && metadata.name !== undefined && metadata.name !== name) {
		const message = `The object's name is ${shown(metadata.name)}, and the URL's is ${shown(name)}. They must be the same; ${kind.plural} cannot be renamed.`;
		throw new ApiError(failure("BadRequest", message));
	}
}

function nameIn(metadata: unknown): string {
	if (typeof metadata !== "object" || metadata === null) return "";
	const { name, generateName } = metadata as { name?: unknown; generateName?: unknown };
	return typeof name === "string" ? name : typeof generateName === "string" ? generateName : "";
}
