import { decodeProtectedHeader } from "jose";
import type { Caller } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";
import { callerOf, issuerOf, type TokenClaims } from "../../api/tokens/claims.ts";
import type { PublicKey } from "../../api/tokens/signing-key.ts";
import { verifyToken } from "../../api/tokens/verify.ts";
import type { BoundObject } from "../owners.ts";

/** What is asked of the cluster and of the ServiceAccount's namespace. */
export interface TokenPorts {
	/** The cluster's keys, as it has them now. */
	keys(cluster: string): Promise<readonly PublicKey[]>;
	/** Whether the ServiceAccount is there, with what the token is bound to. */
	stands(account: { cluster: string; namespace: string; name: string; uid: string; bound?: BoundObject }): Promise<boolean>;
	/** Milliseconds since the epoch. */
	now(): number;
}

/**
 * Finds out whose token it is. Keys are kept between requests, and asked for anew when a token names one that is not
 * among them; the ServiceAccount is looked after each time, so that deleting it revokes its tokens at once.
 */
export class ServiceAccountTokens {
	readonly #keys = new Map<string, readonly PublicKey[]>();

	/** @throws ApiError 401 */
	async caller(cluster: string, token: string, { keys, stands, now }: TokenPorts): Promise<Caller> {
		let known = this.#keys.get(cluster);
		if (!known || !names(known, token)) {
			known = await keys(cluster);
			this.#keys.set(cluster, known);
		}
		const issuer = issuerOf(cluster);
		const claims = await verifyToken(token, known, { issuer, audience: issuer, now: now() });
		const { namespace, serviceaccount } = claims["kubernetes.io"];
		if (await stands({ cluster, namespace, ...serviceaccount, bound: boundObject(claims) })) return callerOf(claims);
		const message = `The token's ServiceAccount ${namespace}/${serviceaccount.name}, or what the token was bound to, is there no more. Ask for a new token: kubectl create token NAME`;
		throw new ApiError(failure("Unauthorized", message));
	}
}

function names(keys: readonly PublicKey[], token: string): boolean {
	try {
		const { kid } = decodeProtectedHeader(token);
		return keys.some((key) => key.kid === kid);
	} catch {
		// It is no token at all, and no key will make it one.
		return true;
	}
}

function boundObject({ "kubernetes.io": { pod, secret } }: TokenClaims): BoundObject | undefined {
	if (pod) return { kind: "Pod", ...pod };
	return secret && { kind: "Secret", ...secret };
}
