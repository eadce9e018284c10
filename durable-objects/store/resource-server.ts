import type { ApiReply, ApiRequest, Caller } from "../../src/api/request.ts";
import { ApiError, failure, notFound } from "../../src/api/status.ts";
import { apiVersionOf, type KindDefinition } from "../../src/resources/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { create } from "./create.ts";
import { deleteCollection, deleteOne } from "./deletion.ts";
import { list } from "./listing.ts";
import type { Owner } from "./owner.ts";
import { patch, update } from "./update.ts";

/** The only subresource whose bodies are the object itself. */
const STATUS = "status";

/** One request on its way through the server. */
export interface Call<Extra> {
	owner: Owner<Extra>;
	/** As it was asked for. */
	kind: KindDefinition;
	/** What is stored: the same, except for projections. */
	stored: KindDefinition;
	caller: Caller;
	subresource: string | undefined;
}

/**
 * Answers a request about stored resources: one synchronous step, so that nothing comes between what is read and what is
 * written. The caller is allowed to ask it. @throws ApiError with what Kubernetes would answer
 */
export function serve<Extra>(owner: Owner<Extra>, request: ApiRequest): ApiReply {
	const call = callOf(owner, request);
	switch (request.verb) {
		case "get":
			return { type: "object", object: shown(call, existing(call, request.name)), created: false, warnings: [] };
		case "list":
			return list(call, request.list);
		case "create":
			return create(call, request.body, request.write);
		case "update":
			return update(call, request.name, request.body, request.write);
		case "patch":
			return patch(call, request);
		case "delete":
			return deleteOne(call, request.name, request.delete);
		case "deletecollection":
			return deleteCollection(call, request.list, request.delete);
	}
}

export function callOf<Extra>(owner: Owner<Extra>, { resource, caller }: Pick<ApiRequest, "resource" | "caller">): Call<Extra> {
	const kind = owner.kind(resource.group, resource.plural);
	// Every other subresource is answered by code of its own; here a permission for it would do as one for the object.
	const served = resource.subresource === undefined || resource.subresource === STATUS;
	if (!kind || !served) throw new ApiError(failure("NotFound", "the server could not find the requested resource"));
	// The kind that is stored may be of another group: events.k8s.io shows what the core group holds.
	const stored = kind.projection ? storedKind(owner, kind.projection.of) : kind;
	return { owner, kind, stored, caller, subresource: resource.subresource };
}

function storedKind<Extra>(owner: Owner<Extra>, plural: string): KindDefinition {
	const kind = owner.kind("klaw.sh", plural) ?? owner.kind("", plural);
	if (!kind) throw new Error(`klaw stores no ${plural}.`);
	return kind;
}

/** @throws ApiError 404 */
export function existing<Extra>({ owner, kind, stored }: Call<Extra>, name: string): BaseResource {
	const object = owner.store.get(stored.plural, name);
	if (!object) throw new ApiError(notFound(kind, name));
	return object;
}

/** An object as it leaves the server. */
export function shown<Extra>({ owner, kind, stored }: Pick<Call<Extra>, "owner" | "kind" | "stored">, object: BaseResource): BaseResource {
	const present = owner.strategy(stored.plural)?.present?.(object) ?? object;
	const redacted = stored.redact?.(present) ?? present;
	if (kind.projection) return kind.projection.read(redacted);
	return redacted.apiVersion === apiVersionOf(kind) ? redacted : { ...redacted, apiVersion: apiVersionOf(kind) };
}
