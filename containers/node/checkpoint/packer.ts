import { createHash } from "node:crypto";
import type { BlobClient } from "./blob-client.ts";
import { BLOB_CONTENTS_BYTES } from "./manifest.ts";
import { encodeBlobContents, nameOf } from "./stored-bytes.ts";
import type { Content } from "./workspace-index.ts";

/** Blobs of one checkpoint that are stored at the same time: so many are in memory. */
const UNDER_WAY = 2;

/** Puts contents into blobs, and blobs into the store. */
export class Packer {
	readonly #blobs: BlobClient;
	/** What is stored, or will be when {@link Packer.finish} resolves, by hash. */
	readonly #known: Map<string, Content>;
	/** Bytes of contents by name, of the blobs that were made here. */
	readonly sizes = new Map<string, number>();
	#pieces: Uint8Array[] = [];
	#contents: Content[] = [];
	#bytes = 0;
	readonly #underWay = new Set<Promise<void>>();
	#storedBytes = 0;

	/** @param known what need not be stored again */
	constructor(blobs: BlobClient, known: Iterable<Content>) {
		this.#blobs = blobs;
		this.#known = new Map([...known].map((content) => [content.hash, content]));
	}

	/** Compressed bytes that were stored. */
	get storedBytes(): number {
		return this.#storedBytes;
	}

	/**
	 * Takes contents of at most {@link BLOB_CONTENTS_BYTES}; waits while too much is under way. The name of the blob in what
	 * it returns is there after {@link Packer.seal}.
	 */
	async add(bytes: Uint8Array): Promise<Content> {
		const hash = createHash("sha256").update(bytes).digest("base64url");
		const known = this.#known.get(hash);
		if (known) return known;
		if (this.#bytes + bytes.byteLength > BLOB_CONTENTS_BYTES) await this.seal();
		const content: Content = { hash, blob: "", offset: this.#bytes, length: bytes.byteLength };
		this.#known.set(hash, content);
		this.#contents.push(content);
		this.#pieces.push(bytes);
		this.#bytes += bytes.byteLength;
		return content;
	}

	/** Makes a blob of what was added since the last one, and begins to store it. */
	async seal(): Promise<void> {
		if (this.#bytes === 0) return;
		const contents = this.#contents;
		const bytes = Buffer.concat(this.#pieces);
		this.#pieces = [];
		this.#contents = [];
		this.#bytes = 0;
		const stored = await encodeBlobContents(bytes);
		const name = nameOf(stored);
		for (const content of contents) content.blob = name;
		this.sizes.set(name, bytes.byteLength);
		while (this.#underWay.size >= UNDER_WAY) await Promise.race(this.#underWay);
		this.#put(stored);
	}

	/** Resolves when everything is stored. @throws what the store threw */
	async finish(): Promise<void> {
		await this.seal();
		await Promise.all(this.#underWay);
	}

	#put(stored: Uint8Array): void {
		const put = this.#blobs.put("blob", stored).then(() => {
			this.#storedBytes += stored.byteLength;
			this.#underWay.delete(put);
		});
		// A failure stays among those under way, where the next to wait meets it.
		put.catch(() => undefined);
		this.#underWay.add(put);
	}
}
