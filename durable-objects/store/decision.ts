import type { Caller } from "../../src/api/request.ts";
import type { Refusal } from "../../src/api/status.ts";
import type { BaseResource } from "../../src/resources/resource.ts";

/** Something that happened to an object, for `kubectl get events`. Repetitions are counted, not listed. */
export interface EventNote {
	regarding: BaseResource;
	type: "Normal" | "Warning";
	/** CamelCase. */
	reason: string;
	/** A sentence. */
	note: string;
	/** CamelCase: what was done, or tried; empty: nothing was. */
	action: string;
	/** How often it happened; absent: once. */
	count?: number;
}

/** An owner whose dependents must be seen to. */
export interface Gone {
	uid: string;
	plural: string;
	name: string;
	policy: "Collect" | "Orphan";
}

/** One thing to write. All changes of a decision are written together or not at all. */
export type StoreChange =
	/** The store stamps the resource version. */
	| { type: "put"; plural: string; object: BaseResource }
	| { type: "remove"; plural: string; name: string }
	| { type: "event"; event: EventNote }
	/** An owner is gone, or about to: its dependents are to be collected, or let go. */
	| { type: "gone"; gone: Gone };

/** What was decided: the object as it will be, and everything that is written for it. */
export type Decision<T = BaseResource, Extra = never> = { ok: true; changes: (StoreChange | Extra)[]; value: T } | Refusal;

/** What decisions take from outside. `now` in milliseconds since the epoch. */
export interface Stamp {
	now: number;
	uid(): string;
	caller: Caller;
}

/** What it means to write objects of a kind, where that is more than the writing. */
export interface Strategy<Extra = never> {
	/** Completes a new object, above all its status. */
	create?(object: BaseResource, stamp: Stamp): Decision<BaseResource, Extra>;
	/** `next` has the status of `old`, and its generation counted. */
	update?(old: BaseResource, next: BaseResource, stamp: Stamp): Decision<BaseResource, Extra>;
	/** Absent: the row goes. One that stays has a deletionTimestamp, and goes when what follows from the decision is done. */
	delete?(object: BaseResource, stamp: Stamp): Decision<BaseResource, Extra>;
	/** What is known only when the object is looked at. */
	present?(object: BaseResource): BaseResource;
}

export function put<Object extends BaseResource>(plural: string, object: Object): StoreChange {
	return { type: "put", plural, object };
}
