import type { SessionIdentity } from "../ports.ts";
import { type BlobStore, blobStore, type StoreEnv } from "./blob-store.ts";
import { placeOf, type WorkspacePlace, workspaceKey } from "./keys.ts";
import { manifestBlobs } from "./manifest-blobs.ts";

/** What was put so lately may be of a checkpoint that its session is yet to hear of. */
export const GRACE_MS = 600_000;
/** What one run looks at, each with a question of its own: an invocation may ask a thousand. */
export const LOOKED_AT_A_RUN = 400;
/** The platform holds six connections of an invocation open. */
const ASKED_AT_ONCE = 6;

export interface Collection {
	store: BlobStore;
	place: WorkspacePlace;
	/** Names of the manifests that the session may go back to. */
	keep: readonly string[];
	/** Milliseconds since the epoch. */
	now: number;
	limit?: number;
}

export interface Collected {
	/** Keys that were deleted. */
	deleted: string[];
	/** The run ended at its limit. */
	more: boolean;
	/** Why nothing was deleted, as a sentence: a manifest that is kept is not there, or is damaged, so what it names is not known. */
	problem?: string;
}

/**
 * Deletes the manifests that are not kept, then the blobs that no manifest names. What was put within {@link GRACE_MS}
 * stays, and so does what it names. Manifests go before their blobs, so a run that is cut leaves nothing but garbage for the
 * next, and running again is harmless.
 *
 * @throws Error when the store fails: try again later
 */
export async function collect({ store, place, keep, now, limit = LOOKED_AT_A_RUN }: Collection): Promise<Collected> {
	const kept = new Set(keep);
	const used = new Set<string>();
	for (const name of kept) {
		const blobs = await blobsOf(store, place, name);
		if (!blobs) return { deleted: [], more: false, problem: `The manifest ${name} of ${place.workspace} is lost or damaged.` };
		for (const blob of blobs) used.add(blob);
	}

	const manifests = await unwanted(store, workspaceKey(place, { kind: "manifest" }), kept, limit);
	const old = await oldOf(store, manifests.keys, now);
	await store.delete(old);
	// There are some whose blobs are not known: those wait for the next run.
	if (manifests.more) return { deleted: old, more: true };
	for (const key of manifests.keys.filter((key) => !old.includes(key)))
		for (const blob of (await blobsOf(store, place, nameOf(key))) ?? []) used.add(blob);

	const blobs = await unwanted(store, workspaceKey(place, { kind: "blob" }), used, limit - manifests.keys.length);
	const oldBlobs = await oldOf(store, blobs.keys, now);
	await store.delete(oldBlobs);
	return { deleted: [...old, ...oldBlobs], more: blobs.more };
}

/** Garbage of a session's workspace; nothing happens where there is no store. @throws Error when the store fails */
export async function collectWorkspace(
	env: StoreEnv,
	cluster: string,
	identity: SessionIdentity,
	keep: readonly string[],
): Promise<Collected> {
	const store = blobStore(env);
	if (!store) return { deleted: [], more: false };
	const collected = await collect({ store, place: placeOf(cluster, identity), keep, now: Date.now() });
	if (collected.problem) console.warn(`No garbage was collected. ${collected.problem}`);
	return collected;
}

/** Everything of a deleted session's workspace. Repeating is harmless. @throws Error when the store fails */
export async function removeWorkspace(env: StoreEnv, cluster: string, identity: SessionIdentity): Promise<void> {
	await blobStore(env)?.deleteBelow(workspaceKey(placeOf(cluster, identity)));
}

/** The blobs that a manifest names; `undefined` when it is not there or is none. */
async function blobsOf(store: BlobStore, place: WorkspacePlace, name: string): Promise<string[] | undefined> {
	const bytes = await store.get(workspaceKey(place, { kind: "manifest", name }));
	return bytes && manifestBlobs(bytes).catch(() => undefined);
}

async function unwanted(store: BlobStore, prefix: string, wanted: ReadonlySet<string>, most: number) {
	const keys: string[] = [];
	for await (const key of store.list(prefix)) {
		if (wanted.has(nameOf(key))) continue;
		if (keys.length >= most) return { keys, more: true };
		keys.push(key);
	}
	return { keys, more: false };
}

/** Asked last: what is put again meanwhile is young, and stays. */
async function oldOf(store: BlobStore, keys: readonly string[], now: number): Promise<string[]> {
	const old: string[] = [];
	for (let from = 0; from < keys.length; from += ASKED_AT_ONCE) {
		const some = keys.slice(from, from + ASKED_AT_ONCE);
		const heads = await Promise.all(some.map((key) => store.head(key)));
		old.push(...some.filter((_, index) => now - (heads[index]?.storedAt ?? now) > GRACE_MS));
	}
	return old;
}

function nameOf(key: string): string {
	return key.slice(key.lastIndexOf("/") + 1);
}
