import * as z from "zod";
import { serviceAccountUser } from "../rbac/authorizer.ts";
import type { Caller } from "../request.ts";

const reference = z.object({ name: z.string(), uid: z.string() });

/** What a ServiceAccount's token says: the claims of Kubernetes' bound tokens. Times are seconds since the epoch. */
export const tokenClaimsSchema = z.object({
	iss: z.string(),
	/** `system:serviceaccount:NAMESPACE:NAME` */
	sub: z.string(),
	aud: z.array(z.string()),
	exp: z.number(),
	iat: z.number(),
	nbf: z.number(),
	jti: z.string(),
	"kubernetes.io": z.object({
		namespace: z.string(),
		serviceaccount: reference,
		/** Objects with which the token ends. */
		pod: reference.optional(),
		secret: reference.optional(),
	}),
});
export type TokenClaims = z.output<typeof tokenClaimsSchema>;

export interface TokenRequest {
	cluster: string;
	namespace: string;
	serviceAccount: { name: string; uid: string };
	/** None: the API server of the cluster. */
	audiences?: readonly string[];
	expirationSeconds: number;
	/** The token is good only while this object is there. */
	boundTo?: { kind: "Pod" | "Secret"; name: string; uid: string };
	/** Milliseconds since the epoch. */
	now: number;
	id: string;
}

/** Who issues the tokens of a cluster, and whom they are for unless they say otherwise. */
export function issuerOf(cluster: string): string {
	return `klaw:cluster:${cluster}`;
}

export function tokenClaims({
	cluster,
	namespace,
	serviceAccount,
	audiences = [],
	expirationSeconds,
	boundTo,
	now,
	id,
}: TokenRequest): TokenClaims {
	const seconds = Math.floor(now / 1000);
	const bound = boundTo && { [boundTo.kind === "Pod" ? "pod" : "secret"]: { name: boundTo.name, uid: boundTo.uid } };
	return {
		iss: issuerOf(cluster),
		sub: serviceAccountUser(namespace, serviceAccount.name),
		aud: audiences.length === 0 ? [issuerOf(cluster)] : [...audiences],
		exp: seconds + expirationSeconds,
		iat: seconds,
		nbf: seconds,
		jti: id,
		"kubernetes.io": { namespace, serviceaccount: { ...serviceAccount }, ...bound },
	};
}

/** Who bears a token, as RBAC sees it. */
export function callerOf({ sub, "kubernetes.io": { namespace, serviceaccount } }: TokenClaims): Caller {
	const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
	return { user: sub, groups, uid: serviceaccount.uid };
}
