import { schemaOf } from "../../src/api/openapi/schema-of.ts";
import { applyConfiguration } from "../../src/api/patch/apply.ts";
import { applyJsonPatch } from "../../src/api/patch/json-patch.ts";
import { trackUpdate } from "../../src/api/patch/managed-fields.ts";
import { applyMergePatch } from "../../src/api/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../../src/api/patch/strategic-merge-patch.ts";
import { forbidden } from "../../src/api/rbac/forbidden.ts";
import type { ApiReply, ApiRequest, WriteOptions } from "../../src/api/request.ts";
import { ApiError, conflict, failure, invalid, notFound, unwrap } from "../../src/api/status.ts";
import { admit, checkSize, type Draft } from "../../src/resources/admit.ts";
import { causesOf } from "../../src/resources/causes.ts";
import { apiVersionOf } from "../../src/resources/kind.ts";
import type { BaseResource, ManagedFieldsEntry } from "../../src/resources/resource.ts";
import { createFrom } from "./create.ts";
import { put } from "./decision.ts";
import { removal } from "./deletion.ts";
import { updatedMetadata } from "./metadata-changes.ts";
import type { Admission } from "./owner.ts";
import { type Call, existing, shown } from "./resource-server.ts";
import { sameJson } from "./same-json.ts";

type PatchRequest = Extract<ApiRequest, { verb: "patch" }>;

export function update<Extra>(call: Call<Extra>, name: string, body: unknown, options: WriteOptions): ApiReply {
	const { owner, stored } = call;
	const old = existing(call, name);
	const draft = admit(
		{ kind: stored, namespace: owner.namespace, name, fieldValidation: options.fieldValidation },
		owner.prepare(stored, body),
	);
	return replace(call, old, draft, options, undefined);
}

export function patch<Extra>(call: Call<Extra>, request: PatchRequest): ApiReply {
	const { owner, stored } = call;
	const { name, write } = request;
	const target = { kind: stored, namespace: owner.namespace, name, fieldValidation: write.fieldValidation };
	if (request.patch === "apply") return apply(call, request);
	const old = existing(call, name);
	const draft = admit(target, owner.prepare(stored, patched(call, old, request)));
	return replace(call, old, draft, write, undefined);
}

/** Patches what a reader is shown, so that no operation can compare, copy or move what is not. */
function patched<Extra>({ kind, stored }: Call<Extra>, live: BaseResource, request: PatchRequest): unknown {
	const old = stored.redact?.(live) ?? live;
	switch (request.patch) {
		case "json":
			return applyJsonPatch(old, request.body);
		case "merge":
			return applyMergePatch(old, request.body);
		case "strategic":
			if (kind.group === "klaw.sh")
				throw new ApiError(
					failure(
						"UnsupportedMediaType",
						"the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
					),
				);
			return applyStrategicMergePatch(old, request.body, schemaOf(stored));
		default:
			throw new Error(`${request.patch} is no patch of an existing object`);
	}
}

function apply<Extra>(call: Call<Extra>, { name, body, force, write }: PatchRequest): ApiReply {
	const { owner, kind, stored, caller, subresource } = call;
	const live = owner.store.get(stored.plural, name);
	if (!live && subresource !== undefined) throw new ApiError(notFound(kind, name));
	const attributes = { verb: "create", group: kind.group, resource: kind.plural, namespace: owner.namespace ?? "", name };
	if (!live && !owner.allowed(caller, attributes)) throw new ApiError(forbidden(caller, attributes));
	const result = applyConfiguration({
		live,
		config: body,
		manager: write.fieldManager,
		force: force === true,
		schema: schemaOf(stored),
		apiVersion: apiVersionOf(stored),
		now: owner.now(),
		...(subresource !== undefined && { subresource }),
	});
	if (result.conflicts) throw new ApiError(result.conflicts);
	const { metadata } = result.object;
	const managed = metadata.managedFields ?? [];
	const draft = admit(
		{ kind: stored, namespace: owner.namespace, name, fieldValidation: write.fieldValidation },
		owner.prepare(stored, result.object),
	);
	return live ? replace(call, live, draft, write, managed) : createFrom(call, draft, write, managed);
}

/** Makes of an object what a draft says. What says nothing new changes nothing, not even the resource version. */
function replace<Extra>(
	call: Call<Extra>,
	old: BaseResource,
	draft: Draft,
	options: WriteOptions,
	managed: ManagedFieldsEntry[] | undefined,
): ApiReply {
	const { owner, kind, stored, caller, subresource } = call;
	const { name } = old.metadata;
	checkPreconditions(call, old, draft.metadata);
	const next = subresource === "status" ? withStatus(call, old, draft) : withFields(call, old, draft);
	if (subresource === undefined) {
		const admission: Admission = { verb: "update", kind: stored, object: next, old, caller };
		owner.mutate(admission);
		const causes = [...(stored.validate?.(next) ?? []), ...(stored.validateUpdate?.(old, next) ?? [])];
		if (causes.length > 0) throw new ApiError(invalid(kind, name, causes));
		owner.admit(admission);
	}
	if (changedSpec(old, next)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
	next.metadata.managedFields = managed ?? trackedFields(call, old, next, options);

	const reply = (object: BaseResource): ApiReply => ({
		type: "object",
		object: shown(call, object),
		created: false,
		warnings: [...draft.warnings, ...(stored.warnings?.(next) ?? [])],
	});
	const ends = next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0 && hadFinalizers(old);
	if (!ends && sameButForTimes(old, next)) return reply(old);
	checkSize(stored, next);

	const stamp = { now: owner.now(), uid: owner.uid, caller };
	const strategy = owner.strategy(stored.plural);
	if (ends) {
		const decision = removal(call, next, stamp);
		const value = unwrap(decision);
		if (!options.dryRun && decision.ok) owner.commit(decision.changes);
		return reply(value);
	}
	const decide = subresource === undefined ? strategy?.update : undefined;
	const decision = decide ? decide(old, next, stamp) : { ok: true as const, changes: [put(stored.plural, next)], value: next };
	const value = unwrap(decision);
	if (options.dryRun) return reply({ ...value, metadata: { ...value.metadata, resourceVersion: old.metadata.resourceVersion } });
	if (decision.ok) owner.commit(decision.changes);
	return reply(owner.store.get(stored.plural, name) ?? value);
}

function withFields<Extra>({ owner }: Call<Extra>, old: BaseResource, draft: Draft): BaseResource {
	const metadata = updatedMetadata(old.metadata, draft.metadata);
	if (old.metadata.deletionTimestamp !== undefined) {
		const added = (metadata.finalizers ?? []).filter((finalizer) => !(old.metadata.finalizers ?? []).includes(finalizer));
		if (added.length > 0)
			throw new ApiError(
				failure(
					"Forbidden",
					`${old.metadata.name} is being deleted: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
				),
			);
	}
	const status: unknown = Reflect.get(old, "status");
	const next: BaseResource = {
		apiVersion: old.apiVersion,
		kind: old.kind,
		metadata: { ...metadata, resourceVersion: "" },
		...draft.fields,
	};
	if (owner.namespace === undefined) delete next.metadata.namespace;
	return status === undefined ? next : Object.assign(next, { status });
}

/** A write of the subresource changes the status, and of the metadata nothing. @throws ApiError 422 */
function withStatus<Extra>({ kind, stored }: Call<Extra>, old: BaseResource, draft: Draft): BaseResource {
	const parsed = stored.status?.safeParse(draft.status ?? {});
	if (parsed && !parsed.success) throw new ApiError(invalid(kind, old.metadata.name, causesOf(parsed.error, "status", draft.status)));
	return { ...old, metadata: { ...old.metadata, resourceVersion: "" }, ...(parsed && { status: parsed.data }) };
}

/** @throws ApiError 409 */
function checkPreconditions<Extra>({ kind }: Call<Extra>, { metadata }: BaseResource, { uid, resourceVersion }: Draft["metadata"]): void {
	if (uid !== undefined && uid !== "" && uid !== metadata.uid) {
		const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
		throw new ApiError(conflict(kind, metadata.name, why));
	}
	if (resourceVersion !== undefined && resourceVersion !== "" && resourceVersion !== metadata.resourceVersion) {
		const why = "the object has been modified; please apply your changes to the latest version and try again";
		throw new ApiError(conflict(kind, metadata.name, why));
	}
}

function trackedFields<Extra>(
	{ owner, stored, subresource }: Call<Extra>,
	old: BaseResource,
	next: BaseResource,
	options: WriteOptions,
): ManagedFieldsEntry[] {
	return trackUpdate({
		old,
		next,
		manager: options.fieldManager,
		schema: schemaOf(stored),
		apiVersion: old.apiVersion,
		now: owner.now(),
		...(subresource !== undefined && { subresource }),
	});
}

function changedSpec(old: BaseResource, next: BaseResource): boolean {
	if (!("spec" in next)) return false;
	return !sameJson(Reflect.get(old, "spec"), next.spec);
}

function hadFinalizers({ metadata }: BaseResource): boolean {
	return (metadata.finalizers ?? []).length > 0;
}

/** Whether two states of an object say the same. When each manager last wrote is no matter: it wrote nothing new. */
function sameButForTimes(old: BaseResource, next: BaseResource): boolean {
	const said = (object: BaseResource) => {
		const { managedFields = [], resourceVersion: _, ...metadata } = object.metadata;
		return { ...object, metadata: { ...metadata, managedFields: managedFields.map(({ time: __, ...entry }) => entry) } };
	};
	return sameJson(said(old), said(next));
}
