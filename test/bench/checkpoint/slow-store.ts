import { setTimeout as sleep } from "node:timers/promises";
import type { BlobClient } from "../../../containers/node/checkpoint/blob-client.ts";
import type { BlobKind } from "../../../containers/node/checkpoint/protocol.ts";
import { nameOf } from "../../../containers/node/checkpoint/stored-bytes.ts";

/** A store in memory that takes its time, as one at the other end of a network does. */
export class SlowStore implements BlobClient {
	readonly #stored = new Map<string, Uint8Array>();
	readonly #delayMs: number;

	constructor(delayMs: number) {
		this.#delayMs = delayMs;
	}

	async put(kind: BlobKind, bytes: Uint8Array): Promise<string> {
		const name = nameOf(bytes);
		await sleep(this.#delayMs);
		this.#stored.set(`${kind}/${name}`, bytes);
		return name;
	}

	async get(kind: BlobKind, name: string): Promise<Uint8Array> {
		await sleep(this.#delayMs);
		const bytes = this.#stored.get(`${kind}/${name}`);
		if (!bytes || nameOf(bytes) !== name) throw new Error(`The store of the bench has no ${kind} ${name}.`);
		return bytes;
	}
}
