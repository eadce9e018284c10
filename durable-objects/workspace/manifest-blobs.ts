import { blobName } from "../../containers/node/checkpoint/protocol.ts";

const BEGIN = '"blobs":[';
/** Characters of the names in it, above which a manifest is none: those of 100,000 blobs. */
const NAMES_LIMIT = 6_700_000;

/**
 * The blobs that a manifest names. It is gzip of JSON, of which only as much is read and kept as there is about blobs: the
 * rest of it may be larger than what an object's memory holds.
 *
 * @throws Error when these bytes are no manifest
 */
export async function manifestBlobs(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
	const json = new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip"));
	const decoder = new TextDecoder();
	let text = "";
	let begun = false;
	for await (const piece of json ?? []) {
		text += decoder.decode(piece, { stream: true });
		if (!begun) {
			const at = text.indexOf(BEGIN);
			begun = at !== -1;
			// Within a string of JSON a quote has a backslash before it, so this stands at the field alone.
			text = text.slice(begun ? at + BEGIN.length : -BEGIN.length);
		}
		const end = begun ? text.indexOf("]") : -1;
		if (end !== -1) return namesIn(text.slice(0, end));
		if (text.length > NAMES_LIMIT) break;
	}
	throw new Error("These bytes name no blobs: they are no manifest.");
}

function namesIn(list: string): string[] {
	const names: unknown[] = JSON.parse(`[${list}]`);
	return names.map((name) => blobName.parse(name));
}
