import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** An answer that stays the same until the next deployment, such as a page of discovery or a schema. */
export interface Document {
	text: string;
	contentType: string;
	/** SHA-256 of the text in upper case, as Kubernetes writes its ETags, without quotes. */
	hash: string;
	/** Absent: asked for anew each time, and answered with 304 while it has not changed. */
	immutable?: boolean;
}

export function toDocument(body: unknown, contentType = "application/json"): Document {
	const text = JSON.stringify(body);
	return { text, contentType, hash: bytesToHex(sha256(utf8ToBytes(text))).toUpperCase() };
}

/** `ifNoneMatch` is the header of that name: 304 for a client that has the document. */
export function sendDocument({ text, contentType, hash, immutable = false }: Document, ifNoneMatch: string | undefined): Response {
	const etag = `"${hash}"`;
	const headers = {
		ETag: etag,
		Vary: "Accept",
		"Cache-Control": immutable ? "private, max-age=31536000, immutable" : "private, no-cache",
	};
	const known = ifNoneMatch?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
	if (known?.includes(etag) || known?.includes("*")) return new Response(null, { status: 304, headers });
	return new Response(text, { headers: { ...headers, "Content-Type": contentType } });
}
