import type { BlobHead, BlobStore } from "./blob-store.ts";

/** Keys that R2 deletes with one request. */
const DELETED_AT_ONCE = 1000;

/** Workspaces in a bucket. */
export class R2Blobs implements BlobStore {
	readonly #bucket: R2Bucket;

	constructor(bucket: R2Bucket) {
		this.#bucket = bucket;
	}

	async put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		await answered("write", this.#bucket.put(key, bytes));
	}

	async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
		const read = async () => (await this.#bucket.get(key))?.arrayBuffer();
		const bytes = await answered("read", read());
		return bytes && new Uint8Array(bytes);
	}

	async head(key: string): Promise<BlobHead | undefined> {
		const head = await answered("read", this.#bucket.head(key));
		return head ? { storedAt: head.uploaded.getTime(), bytes: head.size } : undefined;
	}

	async delete(keys: readonly string[]): Promise<void> {
		for (let from = 0; from < keys.length; from += DELETED_AT_ONCE)
			await answered("delete", this.#bucket.delete(keys.slice(from, from + DELETED_AT_ONCE)));
	}

	async deleteBelow(prefix: string): Promise<void> {
		// From the start each time: a page's cursor says nothing of what was deleted since.
		for (;;) {
			const { objects, truncated } = await answered("list", this.#bucket.list({ prefix }));
			await this.delete(objects.map(({ key }) => key));
			if (!truncated) return;
		}
	}

	async *list(prefix: string): AsyncIterable<string> {
		let cursor: string | undefined;
		do {
			const page = await answered("list", this.#bucket.list({ prefix, delimiter: "/", cursor }));
			for (const { key } of page.objects) yield key;
			cursor = page.truncated ? page.cursor : undefined;
		} while (cursor !== undefined);
	}
}

async function answered<T>(what: "read" | "write" | "delete" | "list", asked: Promise<T>): Promise<T> {
	try {
		return await asked;
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new Error(`The bucket of the workspaces (R2) could not ${what}: ${why}`, { cause: error });
	}
}
