import { withoutNulls } from "../api/patch/json-value.ts";
import type { Decision } from "../api/rbac/authorizer.ts";
import type { Attributes } from "../api/request.ts";
import { ApiError, failure, invalid } from "../api/status.ts";
import { causesOf } from "../resources/causes.ts";
import { apiVersionOf, type KindDefinition } from "../resources/kind.ts";
import { shown } from "../resources/metadata.ts";
import { nameProblem } from "../resources/name.ts";
import type { BaseResource } from "../resources/resource.ts";
import type { SelfSubjectAccessReview } from "../resources/virtual/access-reviews.ts";
import type { AccessReviewStatus } from "../resources/virtual/attributes.ts";

/** What a review asks: the fields of its kind. */
export type Question<Review extends BaseResource> = Omit<Review, "apiVersion" | "kind" | "metadata" | "status">;

/** A review's body. @throws ApiError 400 or 422 */
export function readReview<Review extends BaseResource>(kind: KindDefinition<Review>, body: unknown, namespace?: string): Question<Review> {
	if (typeof body !== "object" || body === null || Array.isArray(body)) {
		throw new ApiError(failure("BadRequest", `The body is ${shown(body)}, not an object. Send one ${kind.kind} as a JSON or YAML object.`));
	}
	const sent = { apiVersion: undefined, kind: undefined, metadata: undefined, status: undefined, ...body };
	const { apiVersion, kind: name, metadata: _, status: __, ...fields } = sent;
	if ((apiVersion ?? apiVersionOf(kind)) !== apiVersionOf(kind) || (name ?? kind.kind) !== kind.kind) {
		const right = `${kind.kind} of ${apiVersionOf(kind)}`;
		throw new ApiError(failure("BadRequest", `The body is ${shown(name)} of ${shown(apiVersion)}, and this URL takes a ${right}.`));
	}
	const known = withoutNulls(fields);
	const parsed = kind.schema.safeParse(known);
	if (!parsed.success) throw new ApiError(invalid(kind, "", causesOf(parsed.error, "", known)));
	const general: KindDefinition = kind;
	const metadata = { name: "", uid: "", resourceVersion: "", creationTimestamp: "", ...(namespace !== undefined && { namespace }) };
	const causes = general.validate?.({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...parsed.data }) ?? [];
	if (causes.length > 0) throw new ApiError(invalid(kind, "", causes));
	return parsed.data;
}

/** A review with its answer, as it is sent back and never stored. */
export function answered(kind: Pick<KindDefinition, "group" | "version" | "kind">, rest: object): object {
	return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { creationTimestamp: null }, ...rest };
}

/** What RBAC is asked for a review. A namespace that could not be has no roles of its own. */
export function attributesIn({ resourceAttributes = {} }: SelfSubjectAccessReview["spec"]): Attributes {
	const { verb = "", group = "", resource = "", subresource = "", namespace = "", name = "" } = resourceAttributes;
	return {
		verb,
		group,
		resource: subresource === "" ? resource : `${resource}/${subresource}`,
		namespace: nameProblem("label", namespace) === undefined ? namespace : "",
		name,
	};
}

export function statusOf({ allowed, reason }: Decision): AccessReviewStatus {
	return { allowed, ...(reason !== "" && { reason }) };
}
