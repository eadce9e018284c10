import { type CryptoKey, decodeJwt, decodeProtectedHeader, errors, importJWK, jwtVerify } from "jose";
import { ApiError, failure } from "../status.ts";
import { type TokenClaims, tokenClaimsSchema } from "./claims.ts";
import { ALGORITHM, type PublicKey } from "./signing-key.ts";

export interface Expectations {
	issuer: string;
	audience: string;
	/** Milliseconds since the epoch. */
	now: number;
}

/**
 * The claims of a token that one of the keys signed, for this audience, and that is good now. Whether its ServiceAccount
 * still exists is for its namespace to say.
 * @throws ApiError 401 that says what is wrong and never quotes the token
 */
export async function verifyToken(
	token: string,
	keys: readonly PublicKey[],
	{ issuer, audience, now }: Expectations,
): Promise<TokenClaims> {
	const key = keyOf(token, keys, issuer);
	try {
		const options = { algorithms: [ALGORITHM], issuer, audience, currentDate: new Date(now), requiredClaims: ["exp", "nbf", "sub"] };
		const { payload } = await jwtVerify(token, await imported(key), options);
		return tokenClaimsSchema.parse(payload);
	} catch (error) {
		throw unauthorized(problemOf(error));
	}
}

/** Whether text could be a token at all, so that it is worth a look. */
export function looksLikeToken(text: string): boolean {
	return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

/** Looks only at what is not secret and not yet believed: header and issuer. */
function keyOf(token: string, keys: readonly PublicKey[], issuer: string): PublicKey {
	let header: { alg?: string; kid?: string };
	let iss: string | undefined;
	try {
		header = decodeProtectedHeader(token);
		({ iss } = decodeJwt(token));
	} catch {
		throw unauthorized("The token is malformed: it is no signed JWT.");
	}
	if (header.alg !== ALGORITHM) throw unauthorized(`The token is not signed with ${ALGORITHM}, and no other algorithm is accepted.`);
	if (iss !== issuer) throw unauthorized("The token was issued by another cluster, or not by klaw.");
	const key = keys.find(({ kid }) => kid === header.kid);
	if (!key) throw unauthorized("The token was signed with a key that this cluster does not have, or no longer has.");
	return key;
}

function problemOf(error: unknown): string {
	if (error instanceof errors.JWTExpired) return "The token has expired. Ask for a new one: kubectl create token NAME";
	if (error instanceof errors.JWTClaimValidationFailed) {
		if (error.claim === "nbf") return "The token is not valid yet.";
		if (error.claim === "aud") return "The token is for another audience than this API server.";
		return "The token lacks a claim that a token of a ServiceAccount has.";
	}
	if (error instanceof errors.JWSSignatureVerificationFailed) return "The token's signature is wrong.";
	return "The token is malformed: it is no token of a ServiceAccount.";
}

/** Imports cost more than verification, and the same few keys come again and again. */
const IMPORTED = new WeakMap<PublicKey, Promise<CryptoKey | Uint8Array>>();

function imported(key: PublicKey): Promise<CryptoKey | Uint8Array> {
	const known = IMPORTED.get(key);
	if (known) return known;
	const importing = importJWK(key, ALGORITHM);
	IMPORTED.set(key, importing);
	return importing;
}

function unauthorized(message: string): ApiError {
	return new ApiError(failure("Unauthorized", message));
}
