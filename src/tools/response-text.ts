/** Media types that are never text, whatever their bytes look like. */
const BINARY_TYPES =
	/^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:pdf|zip|gzip|x-gzip|x-tar|x-7z-compressed|zstd|wasm|vnd\.(?!.*(?:json|xml))))/;
/** A NUL within this many bytes means that it is no text. */
const SNIFF_BYTES = 8_000;

export interface ResponseText {
	/** `undefined`: it is no text. */
	text: string | undefined;
	/** Bytes that were read. */
	bytes: number;
	/** There was more than was read. */
	cut: boolean;
	/** Without parameters, in lower case; may be empty. */
	mediaType: string;
}

/** Reads at most `limit` bytes of a response as text and lets the rest go. */
export async function responseText(response: Response, limit: number): Promise<ResponseText> {
	const [mediaType = "", ...parameters] = (response.headers.get("Content-Type") ?? "").split(";").map((part) => part.trim().toLowerCase());
	const { body, cut } = await readAtMost(response, limit);
	const binary = BINARY_TYPES.test(mediaType) || body.subarray(0, SNIFF_BYTES).includes(0);
	const charset = parameters
		.find((parameter) => parameter.startsWith("charset="))
		?.slice("charset=".length)
		.replaceAll('"', "");
	// Decoded as a stream that goes on, so that a character that was cut in two leaves nothing behind.
	const text = binary ? undefined : decoderFor(charset).decode(body, { stream: cut });
	return { text, bytes: body.byteLength, cut, mediaType };
}

async function readAtMost(response: Response, limit: number): Promise<{ body: Uint8Array; cut: boolean }> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	const reader = response.body?.getReader();
	while (reader && size <= limit) {
		const { done, value } = await reader.read();
		if (done) break;
		chunks.push(value);
		size += value.byteLength;
	}
	if (size > limit) await reader?.cancel();
	const body = new Uint8Array(Math.min(size, limit));
	let offset = 0;
	for (const chunk of chunks) {
		body.set(chunk.subarray(0, body.byteLength - offset), offset);
		offset += chunk.byteLength;
	}
	return { body, cut: size > limit };
}

function decoderFor(charset = "utf-8"): TextDecoder {
	try {
		return new TextDecoder(charset);
	} catch {
		return new TextDecoder();
	}
}
