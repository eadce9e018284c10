import { schemaOf } from "../../src/api/openapi/schema-of.ts";
import { trackUpdate } from "../../src/api/patch/managed-fields.ts";
import type { ApiReply, WriteOptions } from "../../src/api/request.ts";
import { ApiError, alreadyExists, failure, invalid, unwrap } from "../../src/api/status.ts";
import { admit, checkSize, type Draft } from "../../src/resources/admit.ts";
import { apiVersionOf } from "../../src/resources/kind.ts";
import { generateName } from "../../src/resources/name.ts";
import { type BaseResource, type ManagedFieldsEntry, type ObjectMeta, timestamp } from "../../src/resources/resource.ts";
import { put } from "./decision.ts";
import { hasAny, ownerReference } from "./metadata-changes.ts";
import type { Admission } from "./owner.ts";
import { type Call, shown } from "./resource-server.ts";

/** Names that are tried before a `generateName` is given up. */
const NAME_ATTEMPTS = 8;

export function create<Extra>(call: Call<Extra>, body: unknown, options: WriteOptions): ApiReply {
	const { owner, stored } = call;
	const draft = admit({ kind: stored, namespace: owner.namespace, fieldValidation: options.fieldValidation }, owner.prepare(stored, body));
	return createFrom(call, draft, options, undefined);
}

/** Creates the object of a draft. `managed` is who set which field, where an apply has said so. */
export function createFrom<Extra>(
	call: Call<Extra>,
	draft: Draft,
	options: WriteOptions,
	managed: ManagedFieldsEntry[] | undefined,
): ApiReply {
	const { owner, kind, stored, caller } = call;
	const { resourceVersion, generateName: stem } = draft.metadata;
	if (resourceVersion !== undefined && resourceVersion !== "")
		throw new ApiError(failure("BadRequest", "resourceVersion should not be set on objects to be created"));
	const name = draft.metadata.name || freeName(call, stem ?? "");
	const taken = owner.store.get(stored.plural, name);
	if (taken) {
		const status = alreadyExists(kind, name);
		const deleting = taken.metadata.deletionTimestamp !== undefined;
		throw new ApiError(deleting ? { ...status, message: `object is being deleted: ${status.message}` } : status);
	}

	const object: BaseResource = {
		apiVersion: apiVersionOf(stored),
		kind: stored.kind,
		metadata: newMetadata(call, draft, name),
		...draft.fields,
	};
	const write: Admission = { verb: "create", kind: stored, object, old: undefined, caller };
	owner.mutate(write);
	const causes = stored.validate?.(object) ?? [];
	if (causes.length > 0) throw new ApiError(invalid(kind, name, causes));
	owner.admit(write);
	object.metadata.managedFields =
		managed ??
		trackUpdate({
			old: undefined,
			next: object,
			manager: options.fieldManager,
			schema: schemaOf(stored),
			apiVersion: object.apiVersion,
			now: owner.now(),
		});
	checkSize(stored, object);

	const stamp = { now: owner.now(), uid: owner.uid, caller };
	const decide = owner.strategy(stored.plural)?.create;
	const decision = decide ? decide(object, stamp) : { ok: true as const, changes: [put(stored.plural, object)], value: object };
	const value = unwrap(decision);
	if (!options.dryRun && decision.ok) owner.commit(decision.changes);
	const now = options.dryRun ? unversioned(value) : (owner.store.get(stored.plural, name) ?? value);
	return { type: "object", object: shown(call, now), created: true, warnings: [...draft.warnings, ...(stored.warnings?.(object) ?? [])] };
}

/** What was not written has no version, not even an empty one. */
function unversioned(object: BaseResource): BaseResource {
	const metadata = { ...object.metadata };
	Reflect.deleteProperty(metadata, "resourceVersion");
	return { ...object, metadata };
}

function newMetadata<Extra>({ owner, stored }: Call<Extra>, { metadata: draft, fields }: Draft, name: string): ObjectMeta {
	const { generateName: stem, labels, annotations, ownerReferences, finalizers } = draft;
	const metadata: ObjectMeta = { name, uid: owner.uid(), resourceVersion: "", creationTimestamp: timestamp(owner.now()) };
	if (stem) metadata.generateName = stem;
	if (owner.namespace !== undefined && stored.scope === "Namespaced") metadata.namespace = owner.namespace;
	if ("spec" in fields) metadata.generation = 1;
	if (hasAny(labels)) metadata.labels = labels;
	if (hasAny(annotations)) metadata.annotations = annotations;
	if (ownerReferences && ownerReferences.length > 0) metadata.ownerReferences = ownerReferences.map(ownerReference);
	if (finalizers && finalizers.length > 0) metadata.finalizers = [...new Set(finalizers)];
	return metadata;
}

/** @throws ApiError 409 after a few attempts that met a name which is taken */
function freeName<Extra>({ owner, stored, kind }: Call<Extra>, stem: string): string {
	for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
		const name = generateName(stem, owner.random);
		if (!owner.store.get(stored.plural, name)) return name;
	}
	const message = `${kind.plural} "${stem}" already exists, the server was not able to generate a unique name for the object`;
	throw new ApiError(failure("AlreadyExists", message, { retryAfterSeconds: 1 }));
}
