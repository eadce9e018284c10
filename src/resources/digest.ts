import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** JSON with sorted keys and without `undefined`: equal data, equal text. */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_, inner: unknown) =>
		typeof inner === "object" && inner !== null && !Array.isArray(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);
}

const DIGEST_LENGTH = 12;

/** Names a spec: the first 12 hex digits of the SHA-256 of its canonical JSON. */
export function specDigest(spec: unknown): string {
	// Web Crypto would make every write wait in the middle of its decision.
	return hexOf(canonicalJson(spec)).slice(0, DIGEST_LENGTH);
}

/** A name in the form of a UUID that is the same for the same parts. */
export function derivedUid(...parts: readonly string[]): string {
	return hexOf(parts.join("\n")).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

function hexOf(text: string): string {
	return bytesToHex(sha256(utf8ToBytes(text)));
}
