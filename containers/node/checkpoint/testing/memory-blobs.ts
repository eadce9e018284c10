import { type BlobClient, BlobError } from "../blob-client.ts";
import type { BlobKind } from "../protocol.ts";
import { nameOf } from "../stored-bytes.ts";

/** A store in memory. */
export class MemoryBlobs implements BlobClient {
	readonly stored = new Map<string, Uint8Array>();
	/** Names of the blobs that were put and got, each time. */
	readonly puts: string[] = [];
	readonly gets: string[] = [];
	/** Is called before each put and get; what it throws is thrown. */
	before: (what: "put" | "get", kind: BlobKind) => void | Promise<void> = () => undefined;

	async put(kind: BlobKind, bytes: Uint8Array): Promise<string> {
		await this.before("put", kind);
		const name = nameOf(bytes);
		this.stored.set(`${kind}/${name}`, Uint8Array.from(bytes));
		if (kind === "blob") this.puts.push(name);
		return name;
	}

	async get(kind: BlobKind, name: string): Promise<Uint8Array> {
		await this.before("get", kind);
		const bytes = this.stored.get(`${kind}/${name}`);
		if (!bytes) throw new BlobError(`There is no ${kind} ${name}.`, true);
		if (kind === "blob") this.gets.push(name);
		return bytes;
	}

	/** Compressed bytes of the blobs that were put, repeated ones once. */
	get blobBytes(): number {
		return [...this.stored].reduce((sum, [key, { byteLength }]) => sum + (key.startsWith("blob/") ? byteLength : 0), 0);
	}
}
