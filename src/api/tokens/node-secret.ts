import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { base64url } from "jose";

/** Secrets of machines. What a text begins with says what it is, to people and to scanners of leaked secrets. */
export type NodeSecret = "klaw-join" | "klaw-node";

/** With so many, SHA-256 is all that the stored form needs: nobody can try them. */
const SECRET_BYTES = 32;

/**
 * @param bytes so many random bytes
 * @example newNodeSecret("klaw-join", (length) => crypto.getRandomValues(new Uint8Array(length)))
 */
export function newNodeSecret(kind: NodeSecret, bytes: (length: number) => Uint8Array): string {
	return `${kind}-${base64url.encode(bytes(SECRET_BYTES))}`;
}

/** Whether a text could be one, so that nothing is asked about what cannot. */
export function isNodeSecret(kind: NodeSecret, text: string): boolean {
	return text.startsWith(`${kind}-`) && /^[A-Za-z0-9_-]{43}$/.test(text.slice(kind.length + 1));
}

/** What is kept of a secret, in hex. */
export function nodeSecretHash(secret: string): string {
	return bytesToHex(sha256(utf8ToBytes(secret)));
}

/** Whether two hashes are the same. Looks at all of both, so that the time it takes tells nothing. */
export function isSameHash(left: string, right: string): boolean {
	let difference = left.length ^ right.length;
	for (let i = 0; i < left.length; i++) difference |= left.charCodeAt(i) ^ right.charCodeAt(i);
	return difference === 0;
}
