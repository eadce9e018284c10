import type { BlobHead, BlobStore } from "../blob-store.ts";

/** A store in memory with a clock that is turned by hand, and a look inside. */
export class MemoryBlobs implements BlobStore {
	now = 0;
	readonly stored = new Map<string, { bytes: Uint8Array<ArrayBuffer>; storedAt: number }>();
	/** Called before each thing it is asked; throw here, and the store fails. */
	before: (what: "put" | "get" | "head" | "delete" | "list") => void = () => undefined;

	async put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		this.before("put");
		this.stored.set(key, { bytes: bytes.slice(), storedAt: this.now });
	}

	async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
		this.before("get");
		return this.stored.get(key)?.bytes.slice();
	}

	async head(key: string): Promise<BlobHead | undefined> {
		this.before("head");
		const found = this.stored.get(key);
		return found && { storedAt: found.storedAt, bytes: found.bytes.byteLength };
	}

	async delete(keys: readonly string[]): Promise<void> {
		for (const key of keys) {
			this.before("delete");
			this.stored.delete(key);
		}
	}

	async deleteBelow(prefix: string): Promise<void> {
		await this.delete([...this.stored.keys()].filter((key) => key.startsWith(prefix)));
	}

	async *list(prefix: string): AsyncIterable<string> {
		this.before("list");
		for (const key of [...this.stored.keys()].sort()) if (key.startsWith(prefix) && !key.slice(prefix.length).includes("/")) yield key;
	}
}
