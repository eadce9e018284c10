import { ApiError, failure } from "../status.ts";
import {
	clusterRole,
	eviction,
	role,
	roleBinding,
	selfSubjectAccessReview,
	selfSubjectReview,
	selfSubjectRulesReview,
	subjectAccessReview,
	tokenRequest,
} from "./access-messages.ts";
import { configMap, limitRange, namespace, resourceQuota, secret, serviceAccount } from "./core-messages.ts";
import { coreEvent, event } from "./event-messages.ts";
import { decodeMessage, type Message, message, one } from "./message.ts";
import { deleteOptions } from "./meta-messages.ts";
import { priorityClass } from "./scheduling-messages.ts";
import { wireFields } from "./wire.ts";

export const PROTOBUF = "application/vnd.kubernetes.protobuf";

const RBAC = "rbac.authorization.k8s.io/v1";

/** Kinds that clients send in Kubernetes' protobuf, by `apiVersion kind`. */
const MESSAGES: Readonly<Record<string, Message>> = {
	"v1 ConfigMap": configMap,
	"v1 DeleteOptions": deleteOptions,
	"v1 Event": coreEvent,
	"v1 LimitRange": limitRange,
	"v1 Namespace": namespace,
	"v1 ResourceQuota": resourceQuota,
	"v1 Secret": secret,
	"v1 ServiceAccount": serviceAccount,
	"authentication.k8s.io/v1 SelfSubjectReview": selfSubjectReview,
	"authentication.k8s.io/v1 TokenRequest": tokenRequest,
	"authorization.k8s.io/v1 LocalSubjectAccessReview": subjectAccessReview,
	"authorization.k8s.io/v1 SelfSubjectAccessReview": selfSubjectAccessReview,
	"authorization.k8s.io/v1 SelfSubjectRulesReview": selfSubjectRulesReview,
	"authorization.k8s.io/v1 SubjectAccessReview": subjectAccessReview,
	"events.k8s.io/v1 Event": event,
	"meta.k8s.io/v1 DeleteOptions": deleteOptions,
	"policy/v1 Eviction": eviction,
	[`${RBAC} ClusterRole`]: clusterRole,
	[`${RBAC} ClusterRoleBinding`]: roleBinding,
	[`${RBAC} Role`]: role,
	[`${RBAC} RoleBinding`]: roleBinding,
	"scheduling.k8s.io/v1 PriorityClass": priorityClass,
};

/** What every body begins with. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const TYPE_META = message({ apiVersion: one(1, "string"), kind: one(2, "string") });

/**
 * The object in a body of the type `application/vnd.kubernetes.protobuf`, as the JSON that means the same. kubectl sends
 * Kubernetes' own kinds so from 1.32 on, in `create`, `auth` and the like, and knows no other way when it is refused.
 * @throws ApiError 400 for bytes that are no such body, 415 for a kind whose messages are not known
 */
export function decodeObject(bytes: Uint8Array): Record<string, unknown> {
	if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw malformed("it does not begin with the four bytes that mark one");
	try {
		const { apiVersion, kind, raw } = envelope(bytes.subarray(MAGIC.length));
		const type = MESSAGES[`${apiVersion} ${kind}`];
		if (!type) throw unknownFormat();
		return { apiVersion, kind, ...decodeMessage(type, raw) };
	} catch (error) {
		if (error instanceof RangeError) throw malformed(error.message);
		throw error;
	}
}

/** `runtime.Unknown`: what is inside, and its bytes. */
function envelope(bytes: Uint8Array): { apiVersion: unknown; kind: unknown; raw: Uint8Array } {
	let type: Record<string, unknown> = {};
	let raw: Uint8Array = new Uint8Array();
	for (const { number, value } of wireFields(bytes)) {
		if (typeof value === "bigint") continue;
		if (number === 1) type = decodeMessage(TYPE_META, value);
		if (number === 2) raw = value;
	}
	return { apiVersion: type.apiVersion, kind: type.kind, raw };
}

function malformed(why: string): ApiError {
	return new ApiError(failure("BadRequest", `The body is not a Kubernetes object in protobuf: ${why}. Send it whole, or as JSON or YAML.`));
}

/** Kubernetes' words. */
function unknownFormat(): ApiError {
	const message = "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml";
	return new ApiError(failure("UnsupportedMediaType", message));
}
