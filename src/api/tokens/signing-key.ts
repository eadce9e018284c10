import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import type { TokenClaims } from "./claims.ts";

/** The only algorithm of tokens. */
export const ALGORITHM = "ES256";

/** A public key, as anybody may have it. */
export type PublicKey = JWK & { kid: string };

/** A key pair. The private part never leaves the object that made it. */
export interface SigningKey {
	/** Thumbprint of the public part (RFC 7638). */
	kid: string;
	publicKey: PublicKey;
	privateKey: JWK;
}

export async function newSigningKey(): Promise<SigningKey> {
	const pair = await generateKeyPair(ALGORITHM, { extractable: true });
	const publicKey = await exportJWK(pair.publicKey);
	const kid = await calculateJwkThumbprint(publicKey);
	return { kid, publicKey: { ...publicKey, kid, alg: ALGORITHM, use: "sig" }, privateKey: await exportJWK(pair.privateKey) };
}

/** A signed token (JWS, compact). */
export async function signToken(claims: TokenClaims, { kid, privateKey }: SigningKey): Promise<string> {
	return new SignJWT({ ...claims }).setProtectedHeader({ alg: ALGORITHM, kid }).sign(await importJWK(privateKey, ALGORITHM));
}
