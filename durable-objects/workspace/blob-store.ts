import type { Env } from "../../src/env.ts";
import { DiskBlobs } from "./disk-blobs.ts";
import { R2Blobs } from "./r2-blobs.ts";

/** When a thing was stored and how large it is. */
export interface BlobHead {
	/** Milliseconds since the epoch; the platform's clock, in whole seconds at worst. */
	storedAt: number;
	bytes: number;
}

/**
 * Where workspaces are kept: a bucket, or a directory on a laptop. A key has slashes; what is under one never changes, so
 * a put may be repeated. Every method rejects with a full sentence when the store cannot do it now, and may be tried again.
 */
export interface BlobStore {
	/**
	 * When this resolves, the bytes can be had by whoever asks. Puts that are repeated count as new: what was stored long ago
	 * and is put again is as young as anything, and no collection of garbage takes it from under whoever put it.
	 */
	put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
	get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
	head(key: string): Promise<BlobHead | undefined>;
	/** Keys that are not there are passed over. */
	delete(keys: readonly string[]): Promise<void>;
	/** Everything below `prefix`, which ends in a slash. */
	deleteBelow(prefix: string): Promise<void>;
	/** Keys of what is directly below `prefix`, which ends in a slash. Read in pages: what is stored meanwhile may be among them or not. */
	list(prefix: string): AsyncIterable<string>;
}

/** The bindings of a deployment's store. */
export type StoreEnv = Pick<Env, "WORKSPACES" | "WORKSPACES_DISK">;

/** The deployment's store; `undefined` when it has none, and no workspace outlives its machine. */
export function blobStore(env: StoreEnv): BlobStore | undefined {
	if (env.WORKSPACES) return new R2Blobs(env.WORKSPACES);
	return env.WORKSPACES_DISK && new DiskBlobs(env.WORKSPACES_DISK);
}

/** Whether workspaces are checkpointed here. */
export function hasStore(env: StoreEnv): boolean {
	return env.WORKSPACES !== undefined || env.WORKSPACES_DISK !== undefined;
}
