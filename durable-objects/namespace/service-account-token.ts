import type { ApiReply, ApiRequest } from "../../src/api/request.ts";
import { type Answer, ApiError, failure, invalid, notFound, refuse } from "../../src/api/status.ts";
import { issuerOf } from "../../src/api/tokens/claims.ts";
import { expirationOf } from "../../src/api/tokens/expiration.ts";
import { causesOf } from "../../src/resources/causes.ts";
import { podOf } from "../../src/resources/pod/pod-of.ts";
import { type BaseResource, timestamp } from "../../src/resources/resource.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import { tokenRequestKind } from "../../src/resources/virtual/token-request.ts";
import type { NamespaceHouse } from "./house.ts";
import type { Membership } from "./membership.ts";

const SERVICE_ACCOUNT = { group: "", kind: "ServiceAccount", plural: "serviceaccounts" };
const BOUND_KINDS: Readonly<Record<string, string>> = { Secret: "secrets", Pod: "sessions" };

/** Makes a token of a ServiceAccount: the subresource `token`. The token itself is in no record. */
export async function issueToken(
	house: NamespaceHouse,
	membership: Membership,
	request: Extract<ApiRequest, { verb: "create" }>,
): Promise<Answer<ApiReply>> {
	const { name = "", body, caller, namespace = "" } = request;
	const { store, audit } = house.host;
	const record = (code: number) =>
		audit.append({ at: Date.now(), caller, verb: "create", group: "", resource: "serviceaccounts/token", namespace, name, code });
	try {
		const account = store.get("serviceaccounts", name);
		if (!account) throw new ApiError(notFound(SERVICE_ACCOUNT, name));
		const asked =
			typeof body === "object" && body !== null
				? { ...body, apiVersion: undefined, kind: undefined, metadata: undefined, status: undefined }
				: body;
		const parsed = tokenRequestKind.schema.safeParse(withoutUndefined(asked));
		if (!parsed.success) throw new ApiError(invalid(tokenRequestKind, name, causesOf(parsed.error, "", body)));
		const { spec } = parsed.data;
		const { seconds, warnings } = expirationOf(spec.expirationSeconds);
		const boundTo = spec.boundObjectRef && boundObject(house, spec.boundObjectRef);
		const audiences = spec.audiences.length > 0 ? spec.audiences : [issuerOf(membership.cluster)];
		const issued = await membership.signToken({
			namespace,
			serviceAccount: { name, uid: account.metadata.uid },
			audiences,
			expirationSeconds: seconds,
			...(boundTo && { boundTo }),
		});
		record(201);
		const object: BaseResource & { spec: unknown; status: unknown } = {
			apiVersion: "authentication.k8s.io/v1",
			kind: "TokenRequest",
			metadata: { name, namespace, uid: "", resourceVersion: "", creationTimestamp: timestamp(Date.now()) },
			spec: { ...spec, audiences, expirationSeconds: seconds },
			status: issued,
		};
		return { ok: true, value: { type: "object", object, created: true, warnings } };
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		record(error.status.code);
		return refuse(error.status);
	}
}

/** What a token is to end with. @throws ApiError 404 or 409 in Kubernetes' words */
function boundObject(
	house: NamespaceHouse,
	{ kind = "", name = "", uid }: { kind?: string | undefined; name?: string | undefined; uid?: string | undefined },
) {
	const plural = Object.hasOwn(BOUND_KINDS, kind) ? BOUND_KINDS[kind] : undefined;
	if (plural === undefined || (kind !== "Secret" && kind !== "Pod"))
		throw new ApiError(
			failure(
				"BadRequest",
				`cannot bind token for serviceaccount to object of type ${kind || "<none>"}: a token is bound to a Pod or a Secret`,
			),
		);
	const stored = house.host.store.get(plural, name);
	const object = stored && kind === "Pod" ? podOf(stored as Session) : stored;
	const shown = { group: "", kind, plural: kind === "Pod" ? "pods" : "secrets" };
	if (!object) throw new ApiError(notFound(shown, name));
	if (uid && uid !== object.metadata.uid) {
		const message = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
		throw new ApiError(failure("Conflict", message, { name, kind: shown.plural }));
	}
	return { kind, name, uid: object.metadata.uid } as const;
}

function withoutUndefined(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null));
}
