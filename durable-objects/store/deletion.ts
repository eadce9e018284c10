import type { ApiReply, DeleteOptions, ListOptions, ListPage } from "../../src/api/request.ts";
import { ApiError, conflict, success, unwrap } from "../../src/api/status.ts";
import { type BaseResource, timestamp } from "../../src/resources/resource.ts";
import { type Decision, put, type Stamp, type StoreChange } from "./decision.ts";
import { list } from "./listing.ts";
import { type Call, existing, shown } from "./resource-server.ts";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

/** Deletes an object, or marks it as one that goes when its finalizers have. */
export function deleteOne<Extra>(call: Call<Extra>, name: string, options: DeleteOptions): ApiReply {
	const object = existing(call, name);
	checkPreconditions(call, object, options);
	const outcome = removeOrMark(call, object, options);
	if (outcome.type === "gone") return { type: "status", status: success(call.kind, name, object.metadata.uid) };
	return { type: "object", object: shown(call, outcome.object), created: false, warnings: [] };
}

/** Deletes a page of what matches, and answers with it; the token leads to the rest. */
export function deleteCollection<Extra>(call: Call<Extra>, selection: ListOptions, options: DeleteOptions): ListPage {
	const page = list(call, selection);
	for (const { metadata } of page.items) {
		const object = call.owner.store.get(call.stored.plural, metadata.name);
		if (object) removeOrMark(call, object, options);
	}
	return page;
}

type Outcome = { type: "gone" } | { type: "marked"; object: BaseResource };

function removeOrMark<Extra>(call: Call<Extra>, object: BaseResource, options: DeleteOptions): Outcome {
	const { owner, stored, caller } = call;
	const { metadata } = object;
	const stamp: Stamp = { now: owner.now(), uid: owner.uid, caller };
	const finalizers = finalizersOf(object, options);
	if (finalizers.length > 0) {
		const asBefore = metadata.deletionTimestamp !== undefined && finalizers.length === (metadata.finalizers ?? []).length;
		if (asBefore) return { type: "marked", object };
		const marked = { ...object, metadata: { ...deleting(object, stamp.now).metadata, finalizers } };
		if (!options.dryRun) owner.commit([put(stored.plural, marked), ...goneChanges(stored.plural, marked, finalizers)]);
		return { type: "marked", object: options.dryRun ? marked : (owner.store.get(stored.plural, metadata.name) ?? marked) };
	}
	const decision = removal(call, object, stamp);
	const value = unwrap(decision);
	if (options.dryRun) return { type: "gone" };
	if (decision.ok) owner.commit(decision.changes);
	const left = owner.store.get(stored.plural, metadata.name);
	return left && left.metadata.uid === metadata.uid ? { type: "marked", object: value } : { type: "gone" };
}

/** Takes an object away for good, and sets free or condemns what depends on it. */
export function removal<Extra>({ owner, stored }: Call<Extra>, object: BaseResource, stamp: Stamp): Decision<BaseResource, Extra> {
	const decide = owner.strategy(stored.plural)?.delete;
	if (decide) return decide(object, stamp);
	return { ok: true, value: object, changes: removed(stored.plural, object) };
}

/** The row goes, and those who depend on it are collected. */
export function removed(plural: string, { metadata }: BaseResource): StoreChange[] {
	return [
		{ type: "remove", plural, name: metadata.name },
		{ type: "gone", gone: { uid: metadata.uid, plural, name: metadata.name, policy: "Collect" } },
	];
}

/** An object that is marked as being deleted. There is no grace to wait for: a session is stopped at once. */
export function deleting<Object extends BaseResource>(object: Object, now: number): Object {
	if (object.metadata.deletionTimestamp !== undefined) return object;
	const metadata = { ...object.metadata, deletionTimestamp: timestamp(now), deletionGracePeriodSeconds: 0 };
	if (metadata.generation !== undefined) metadata.generation++;
	return { ...object, metadata };
}

/** What stands between the object and its end, once it is to end in this way. */
function finalizersOf({ metadata }: BaseResource, { propagationPolicy }: DeleteOptions): string[] {
	const finalizers = metadata.finalizers ?? [];
	if (propagationPolicy === undefined) return finalizers;
	const others = finalizers.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
	if (propagationPolicy === "Foreground") return [...others, FOREGROUND];
	if (propagationPolicy === "Orphan") return [...others, ORPHAN];
	return others;
}

function goneChanges(plural: string, { metadata }: BaseResource, finalizers: readonly string[]): StoreChange[] {
	const gone = (policy: "Collect" | "Orphan"): StoreChange[] => [
		{ type: "gone", gone: { uid: metadata.uid, plural, name: metadata.name, policy } },
	];
	if (finalizers.includes(ORPHAN)) return gone("Orphan");
	return finalizers.includes(FOREGROUND) ? gone("Collect") : [];
}

/** @throws ApiError 409 in Kubernetes' words */
function checkPreconditions<Extra>({ kind }: Call<Extra>, { metadata }: BaseResource, { preconditions = {} }: DeleteOptions): void {
	const { uid, resourceVersion } = preconditions;
	if (uid !== undefined && uid !== metadata.uid) {
		const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
		throw new ApiError(conflict(kind, metadata.name, why));
	}
	if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
		const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
		throw new ApiError(conflict(kind, metadata.name, why));
	}
}
