/** Text as base64url of its UTF-8. */
export function toBase64Url(text: string): string {
	const bytes = new TextEncoder().encode(text);
	let binary = "";
	for (const byte of bytes) binary += String.fromCharCode(byte);
	return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws Error for text that is no base64url of UTF-8 */
export function fromBase64Url(text: string): string {
	const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
	return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(
		Uint8Array.from(binary, (character) => character.charCodeAt(0)),
	);
}
