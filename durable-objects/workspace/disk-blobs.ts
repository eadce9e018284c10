import * as z from "zod";
import type { BlobHead, BlobStore } from "./blob-store.ts";

const listing = z.array(z.object({ name: z.string(), type: z.string() }));

/**
 * Workspaces in a directory on this machine, which workerd serves over HTTP. As seen with workerd 1.20261023: a PUT writes to
 * a file beside it and renames that, and makes the directories it needs; it does not fsync. A DELETE of a directory takes
 * all that is in it. On a full disk a PUT rejects and leaves nothing. A GET of a directory lists it at once, without
 * ages, and without names that begin with a dot, which cannot be read or written either.
 */
export class DiskBlobs implements BlobStore {
	readonly #disk: Pick<Fetcher, "fetch">;

	constructor(disk: Pick<Fetcher, "fetch">) {
		this.#disk = disk;
	}

	async put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		await this.#ask("PUT", key, bytes);
	}

	async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
		const response = await this.#ask("GET", key);
		return response && new Uint8Array(await response.arrayBuffer());
	}

	async head(key: string): Promise<BlobHead | undefined> {
		const headers = (await this.#ask("HEAD", key))?.headers;
		if (!headers) return undefined;
		return { storedAt: Date.parse(headers.get("Last-Modified") ?? ""), bytes: Number(headers.get("Content-Length")) };
	}

	async delete(keys: readonly string[]): Promise<void> {
		for (const key of keys) await this.#ask("DELETE", key);
	}

	async deleteBelow(prefix: string): Promise<void> {
		await this.#ask("DELETE", prefix.slice(0, -1));
	}

	async *list(prefix: string): AsyncIterable<string> {
		const response = await this.#ask("GET", prefix);
		if (!response) return;
		for (const { name, type } of listing.parse(await response.json())) if (type === "file") yield prefix + name;
	}

	/** `undefined`: there is no such thing. */
	async #ask(method: "GET" | "HEAD" | "PUT" | "DELETE", key: string, body?: Uint8Array<ArrayBuffer>): Promise<Response | undefined> {
		const response = await this.#disk.fetch(`http://disk/${key}`, { method, body }).catch((error: unknown) => {
			throw new Error(`${sentence(method, key)} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		});
		if (response.ok) return response;
		// Read to its end: a connection whose answer nobody reads stays open.
		const text = await response.text();
		if (response.status === 404) return undefined;
		throw new Error(`${sentence(method, key)} ${response.status} ${text}`.trim());
	}
}

function sentence(method: string, key: string): string {
	return `The directory of the workspaces on this machine did not take ${method} ${key}; is its disk full, or not writable?`;
}
