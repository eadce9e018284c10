/** How contents and manifests become the bytes that are stored, and back. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import * as z from "zod";
import { BLOB_CONTENTS_BYTES, GZIP, type Manifest, manifestSchema, RAW } from "./manifest.ts";
import { BLOB_LIMIT_BYTES } from "./protocol.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Every Node has gzip; of its levels the first is the fastest by far, and half of what the others save it saves too. */
const FAST = { level: 1 };
const SMALL = { level: 9 };

/** From the beginning of a blob, to see whether compressing it is worth the time. */
const SAMPLE_BYTES = 64 * 1024;
const WORTH = 0.95;

/** JSON of the largest manifest that is opened: more than the entries that a workspace may have can take. */
const MANIFEST_BYTES = 256 * 2 ** 20;

export function nameOf(stored: Uint8Array): string {
	return createHash("sha256").update(stored).digest("hex");
}

/** @param contents at most {@link BLOB_CONTENTS_BYTES} */
export async function encodeBlobContents(contents: Uint8Array): Promise<Uint8Array> {
	const sample = contents.subarray(0, SAMPLE_BYTES);
	const sampled = await pack(sample, FAST);
	if (sampled.byteLength < sample.byteLength * WORTH) {
		const packed = sample.byteLength === contents.byteLength ? sampled : await pack(contents, FAST);
		if (packed.byteLength < contents.byteLength) return Buffer.concat([Buffer.of(GZIP), packed]);
	}
	return Buffer.concat([Buffer.of(RAW), contents]);
}

/** @throws Error with a sentence when these bytes are no blob */
export async function decodeBlobContents(stored: Uint8Array): Promise<Uint8Array> {
	const kept = stored.subarray(1);
	if (stored[0] === RAW) return kept;
	if (stored[0] !== GZIP) throw new Error(`The blob begins with ${stored[0]}, which this version of klaw does not know.`);
	return unpack(kept, { maxOutputLength: BLOB_CONTENTS_BYTES });
}

/** `undefined` when it is larger than what can be stored under one name. */
export async function encodeManifest(manifest: Manifest): Promise<Uint8Array | undefined> {
	const json = Buffer.from(JSON.stringify(manifest));
	const packed = await pack(json, FAST);
	if (packed.byteLength <= BLOB_LIMIT_BYTES) return packed;
	const smaller = await pack(json, SMALL);
	return smaller.byteLength <= BLOB_LIMIT_BYTES ? smaller : undefined;
}

/** @throws Error with a sentence when these bytes are no manifest that this version can restore */
export async function decodeManifest(stored: Uint8Array): Promise<Manifest> {
	let parsed: z.ZodSafeParseResult<Manifest>;
	try {
		parsed = manifestSchema.safeParse(JSON.parse((await unpack(stored, { maxOutputLength: MANIFEST_BYTES })).toString()));
	} catch (error) {
		throw new Error(`The manifest is damaged: ${error instanceof Error ? error.message : error}.`, { cause: error });
	}
	if (!parsed.success) throw new Error(`The manifest cannot be used: ${z.prettifyError(parsed.error)}`);
	return parsed.data;
}
