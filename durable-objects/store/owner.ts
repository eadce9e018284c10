import type { Attributes, Caller } from "../../src/api/request.ts";
import type { KindDefinition } from "../../src/resources/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { StoreChange, Strategy } from "./decision.ts";
import type { ResourceStore } from "./resource-store.ts";

/** A write that is about to be decided. */
export interface Admission {
	verb: "create" | "update";
	kind: KindDefinition;
	/** With every default. */
	object: BaseResource;
	old: BaseResource | undefined;
	caller: Caller;
}

/** What a resource server needs of the Durable Object whose resources it serves. */
export interface Owner<Extra = never> {
	/** Absent for the resources of the whole cluster. */
	namespace: string | undefined;
	store: ResourceStore;
	/** The stored kind of a plural, and kinds that are projections of stored ones. */
	kind(group: string, plural: string): KindDefinition | undefined;
	strategy(plural: string): Strategy<Extra> | undefined;
	allowed(caller: Caller, attributes: Attributes): boolean;
	/** A body before anything is checked or filled in: the place of what is to be stated by others than its sender. */
	prepare(kind: KindDefinition, body: unknown): unknown;
	/** Changes the object in place before it is checked: sealed values of a Secret. @throws ApiError */
	mutate(write: Admission): void;
	/** Everything that may speak against a write beyond its schema: quotas, escalation, an end that is near. @throws ApiError */
	admit(write: Admission): void;
	/** Writes changes all together. No `await` may come between a decision and this. */
	commit(changes: readonly (StoreChange | Extra)[]): void;
	/** Milliseconds since the epoch. */
	now(): number;
	uid(): string;
	/** In [0, 1). */
	random(): number;
}
