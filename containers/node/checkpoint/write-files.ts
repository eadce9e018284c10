import { createHash } from "node:crypto";
import { type BlobClient, BlobError } from "./blob-client.ts";
import { breather } from "./breather.ts";
import type { Manifest, ManifestFile } from "./manifest.ts";
import { BLOBS_UNDER_WAY } from "./protocol.ts";
import { sizeOf } from "./restore-plan.ts";
import { decodeBlobContents } from "./stored-bytes.ts";
import type { TreeWriter } from "./tree-writer.ts";
import type { Content } from "./workspace-index.ts";

export interface WrittenFiles {
	/** What each file is made of, by path. */
	contents: Map<string, Content[]>;
	/** Bytes of contents by name of each blob that was fetched. */
	sizes: Map<string, number>;
}

/** A part of a file that is in a blob. */
interface Piece {
	file: ManifestFile;
	/** Number of the part. */
	part: number;
	/** First byte of it in the file. */
	position: number;
	offset: number;
	length: number;
}

/**
 * Fetches what files are made of, each blob once and only the blobs that are needed, and writes them. Whatever is in their
 * places goes; their directories are there.
 */
export async function writeFiles(
	writer: TreeWriter,
	blobs: BlobClient,
	{ manifest, files }: { manifest: Pick<Manifest, "blobs">; files: readonly ManifestFile[] },
): Promise<WrittenFiles> {
	const written: WrittenFiles = { contents: new Map(), sizes: new Map() };
	const missing = new Map(files.map(({ path, parts }) => [path, parts.length]));
	const breathe = breather();
	for (const file of files) {
		written.contents.set(file.path, []);
		writer.clear(file.path);
		if (file.parts.length === 0) writer.putFile(file, new Uint8Array());
		else if (file.parts.length > 1) writer.makeFile(file.path, sizeOf(file));
		await breathe();
	}

	const write = (piece: Piece, blob: string, bytes: Uint8Array): void => {
		const { file, part, position, offset, length } = piece;
		const hash = createHash("sha256").update(bytes).digest("base64url");
		const contents = written.contents.get(file.path) ?? [];
		contents[part] = { hash, blob, offset, length };
		if (file.parts.length === 1) {
			writer.putFile(file, bytes);
			return;
		}
		writer.writeFile(file.path, position, bytes);
		const left = (missing.get(file.path) ?? 0) - 1;
		missing.set(file.path, left);
		if (left === 0) writer.finishFile(file);
	};

	const needed = [...piecesByBlob(files)];
	const worker = async (): Promise<void> => {
		for (let next = needed.shift(); next !== undefined; next = needed.shift()) {
			const [index, pieces] = next;
			const name = manifest.blobs[index] ?? "";
			const contents = await decodeBlobContents(await blobs.get("blob", name));
			written.sizes.set(name, contents.byteLength);
			for (const piece of pieces) {
				if (piece.offset + piece.length > contents.byteLength)
					throw new BlobError(`The blob ${name} is shorter than the manifest says that it is.`, true);
				write(piece, name, contents.subarray(piece.offset, piece.offset + piece.length));
				await breathe();
			}
		}
	};
	await allSettled(Array.from({ length: BLOBS_UNDER_WAY }, worker));
	return written;
}

/** Throws the first failure, but not before everything has ended: nothing is written afterwards. */
async function allSettled(work: Promise<void>[]): Promise<void> {
	const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
	if (failed) throw failed.reason;
}

function piecesByBlob(files: readonly ManifestFile[]): Map<number, Piece[]> {
	const pieces = new Map<number, Piece[]>();
	for (const file of files) {
		let position = 0;
		for (const [part, [blob, offset, length]] of file.parts.entries()) {
			const inBlob = pieces.get(blob) ?? [];
			pieces.set(blob, inBlob);
			inBlob.push({ file, part, position, offset, length });
			position += length;
		}
	}
	return pieces;
}
