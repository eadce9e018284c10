/** Characters of all warnings of one answer together. Proxies refuse answers with headers of more than some 8 KB. */
const LIMIT = 4096;

/**
 * Values of `Warning` headers, one for each text, as RFC 7234 has it and Kubernetes sends it.
 * @example warningHeaders(['unknown field "spec.modle"']) // ['299 - "unknown field \\"spec.modle\\""']
 */
export function warningHeaders(warnings: readonly string[]): string[] {
	const headers: string[] = [];
	let length = 0;
	for (const warning of new Set(warnings)) {
		const header = `299 - "${quoted(warning)}"`;
		length += header.length;
		if (length > LIMIT) break;
		headers.push(header);
	}
	return headers;
}

/** A header holds Latin-1 without control characters; what is beyond it is sent as UTF-8, byte for byte. */
function quoted(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header must not hold.
	const plain = text.replace(/[\u0000-\u001f\u007f]+/g, " ").replace(/[\\"]/g, "\\$&");
	return Array.from(new TextEncoder().encode(plain), (byte) => String.fromCharCode(byte)).join("");
}
