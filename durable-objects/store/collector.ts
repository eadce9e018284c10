import type { BaseResource } from "../../src/resources/resource.ts";
import type { Gone, StoreChange } from "./decision.ts";
import { FOREGROUND, ORPHAN } from "./deletion.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { Sql } from "./sql.ts";

/** Owners, and dependents of one, that are read at a time. */
const BATCH = 100;

export interface CollectorPorts {
	sql: Sql;
	store: ResourceStore;
	commit(changes: StoreChange[]): void;
	/** Deletes a dependent as a client would, in the background. */
	delete(plural: string, object: BaseResource): void;
}

/**
 * Sees to the dependents of owners that are gone, as Kubernetes' garbage collector does: those without another owner are
 * deleted, or, where the owner was deleted with the policy Orphan, set free. What is left to do is in a table, so that a
 * crash in between loses none of it.
 */
export class Collector {
	readonly #ports: CollectorPorts;
	#left: boolean;
	/** Something was written since the last step: what was in the way may be so no longer. */
	#stirred = true;

	constructor(ports: CollectorPorts) {
		this.#ports = ports;
		this.#left = this.#gone(1).length > 0;
	}

	/** Whether there may be something to do. */
	get pending(): boolean {
		return this.#left && this.#stirred;
	}

	/** Something was written. */
	stir(): void {
		this.#stirred = true;
	}

	/** Part of the transaction that ends the owner. */
	add({ uid, plural, name, policy }: Gone): void {
		this.#ports.sql.exec("INSERT OR REPLACE INTO gone VALUES (?, ?, ?, ?)", uid, plural, name, policy);
		this.#left = true;
	}

	/** One step for each owner that is gone. @returns whether anything happened: then there may be more */
	step(): boolean {
		this.#stirred = false;
		const owners = this.#gone(BATCH);
		const moved = owners.map((owner) => this.#stepOf(owner));
		this.#left = this.#gone(1).length > 0;
		return moved.includes(true);
	}

	#stepOf(owner: Gone): boolean {
		let moved = false;
		let blocked = false;
		let last: { plural: string; name: string } | undefined;
		do {
			const page = this.#ports.store.dependents(owner.uid, BATCH, last);
			for (const dependent of page) {
				const outcome = this.#see(owner, dependent);
				moved ||= outcome.moved;
				blocked ||= outcome.blocks;
			}
			last = page.length === BATCH ? page.at(-1) : undefined;
		} while (last);
		if (blocked) return moved;
		this.#finish(owner);
		return true;
	}

	/** Sets one dependent free, or deletes it. `blocks`: it is still there, and its owner has to wait for it. */
	#see({ uid, policy }: Gone, { plural, name }: { plural: string; name: string }): { moved: boolean; blocks: boolean } {
		const { store, commit } = this.#ports;
		const object = store.get(plural, name);
		if (!object) return { moved: false, blocks: false };
		const others = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
		if (policy === "Orphan" || others.length > 0) {
			commit([{ type: "put", plural, object: withOwners(object, others) }]);
			return { moved: true, blocks: false };
		}
		if (object.metadata.deletionTimestamp !== undefined) return { moved: false, blocks: blocks(object, uid) };
		this.#ports.delete(plural, object);
		return { moved: true, blocks: store.get(plural, name) !== undefined && blocks(object, uid) };
	}

	/** Nothing stands in the way of the owner any more. */
	#finish({ uid, plural, name }: Gone): void {
		this.#ports.sql.exec("DELETE FROM gone WHERE uid = ?", uid);
		const object = this.#ports.store.get(plural, name);
		if (object?.metadata.uid !== uid || object.metadata.deletionTimestamp === undefined) return;
		const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
		const { finalizers: _, ...metadata } = object.metadata;
		const rest = { ...object, metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata };
		if (finalizers.length > 0) this.#ports.commit([{ type: "put", plural, object: rest }]);
		else this.#ports.delete(plural, rest);
	}

	#gone(limit: number): Gone[] {
		return this.#ports.sql
			.exec<{ uid: string; plural: string; name: string; policy: Gone["policy"] }>("SELECT * FROM gone LIMIT ?", limit)
			.toArray();
	}
}

function blocks({ metadata }: BaseResource, uid: string): boolean {
	return (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);
}

function withOwners(object: BaseResource, owners: NonNullable<BaseResource["metadata"]["ownerReferences"]>): BaseResource {
	const { ownerReferences: _, ...metadata } = object.metadata;
	return { ...object, metadata: owners.length > 0 ? { ...metadata, ownerReferences: owners } : metadata };
}
