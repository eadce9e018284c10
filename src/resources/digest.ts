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
export async function specDigest(spec: unknown): Promise<string> {
	const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonicalJson(spec)));
	return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"))
		.join("")
		.slice(0, DIGEST_LENGTH);
}
