import type { Authorizer } from "../../src/api/rbac/authorizer.ts";
import type { ApiReply, ApiRequest, Attributes, Caller, WatchRequest } from "../../src/api/request.ts";
import { type Answer, ApiError, refuse } from "../../src/api/status.ts";
import type { KindDefinition } from "../../src/resources/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { type AuditEntry, AuditLog } from "./audit-log.ts";
import { auditReply } from "./audit-records.ts";
import type { Committed } from "./change-log.ts";
import { Collector } from "./collector.ts";
import type { StoreChange, Strategy } from "./decision.ts";
import { deleting, removal } from "./deletion.ts";
import { EventBook } from "./event-book.ts";
import type { Admission, Owner } from "./owner.ts";
import { Pulse } from "./pulse.ts";
import { callOf, serve } from "./resource-server.ts";
import { ResourceStore } from "./resource-store.ts";
import { watchResponse } from "./watch-response.ts";

/** What the host needs of the Durable Object that it is in. */
export interface HostPorts<Extra> {
	storage: Pick<DurableObjectStorage, "sql" | "transactionSync" | "sync">;
	/** Absent in the object of a cluster. */
	namespace: string | undefined;
	kinds: readonly KindDefinition[];
	strategy(plural: string): Strategy<Extra> | undefined;
	prepare(kind: KindDefinition, body: unknown): unknown;
	/** @throws ApiError */
	mutate(write: Admission): void;
	/** @throws ApiError */
	admit(write: Admission): void;
	authorizer(): Authorizer;
	/** Writes what the store does not know, in the same transaction. */
	apply(change: Extra): void;
	/** Called in the transaction with everything that changed: what follows from it is written with it. */
	follow(changes: readonly Committed[]): readonly (StoreChange | Extra)[];
	/** Called when the transaction failed: what is in memory of its changes is void. */
	rolledBack(): void;
	/** Called after the transaction. */
	committed(changes: readonly Committed[], extras: readonly Extra[]): void;
	/** Who asks when klaw itself deletes something. */
	system: Caller;
	now(): number;
	uid(): string;
	random(): number;
}

const STORE_CHANGES: ReadonlySet<string> = new Set(["put", "remove", "event", "gone"]);

/** The resources of one Durable Object: served, watched, collected and audited, over pure decisions. */
export class ResourceHost<Extra extends { type: string } = never> {
	readonly store: ResourceStore;
	readonly audit: AuditLog;
	readonly #ports: HostPorts<Extra>;
	readonly #closed = new AbortController();
	readonly #owner: Owner<Extra>;
	readonly #pulse: Pulse;
	readonly #events: EventBook;
	readonly #collector: Collector;
	#collecting = false;

	constructor(ports: HostPorts<Extra>) {
		this.#ports = ports;
		const { storage, now } = ports;
		this.store = new ResourceStore(storage.sql, (plural, before, after) => this.#selectionChanged(plural, before, after));
		this.audit = new AuditLog(storage.sql);
		this.#pulse = new Pulse(
			() => this.store.version(),
			() => storage.sync(),
		);
		this.#events = new EventBook(this.store, now());
		this.#owner = {
			namespace: ports.namespace,
			store: this.store,
			kind: (group, plural) => ports.kinds.find((kind) => kind.group === group && kind.plural === plural),
			strategy: ports.strategy,
			allowed: (caller, attributes) => this.allowed(caller, attributes),
			prepare: ports.prepare,
			mutate: ports.mutate,
			admit: ports.admit,
			commit: (changes) => this.commit(changes),
			now,
			uid: ports.uid,
			random: ports.random,
		};
		this.#collector = new Collector({
			sql: storage.sql,
			store: this.store,
			commit: (changes) => this.commit(changes),
			delete: (plural, object) => this.#delete(plural, object),
		});
	}

	allowed(caller: Caller, attributes: Attributes): boolean {
		return this.#ports.authorizer().authorize(caller, attributes).allowed;
	}

	/** Answers a request of a caller who may ask it. Every write leaves an audit record, in the same transaction. */
	serve(request: ApiRequest): Answer<ApiReply> {
		try {
			// Events expire when somebody looks, or writes: no alarm wakes an object for what nobody looks at.
			this.collect();
			if (request.resource.plural === "auditrecords") return { ok: true, value: auditReply(this.audit, this.#ports.namespace, request) };
			const value = serve(this.#owner, request);
			const made = value.type === "object" && value.created ? value.object.metadata.name : undefined;
			this.record(request, made === undefined ? 200 : 201, { ...(made !== undefined && { name: made }) });
			this.collect();
			return { ok: true, value };
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			const { code, reason, message } = error.status;
			this.record(request, code, { ...(reason && { reason }), ...(message && { message }) });
			return refuse(error.status);
		}
	}

	/** The stream of a watch of a caller who may watch; a `Status` when it cannot begin. */
	watch(request: WatchRequest, signal: AbortSignal): Response {
		try {
			this.collect();
			return watchResponse(callOf(this.#owner, request), request, this.#pulse, { gone: signal, closing: this.#closed.signal });
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			return Response.json(error.status, { status: error.status.code });
		}
	}

	/** Ends every watch once it has told what happened: what they look at is about to be no more. */
	async close(): Promise<void> {
		await this.#pulse.settled();
		this.#closed.abort();
	}

	/** Writes changes all together. No `await` may come between a decision and this. */
	commit(changes: readonly (StoreChange | Extra)[], also?: () => void): void {
		const { storage, apply, follow, committed } = this.#ports;
		const before = this.store.version();
		const written: Committed[] = [];
		const extras: Extra[] = [];
		const one = (change: StoreChange | Extra) => {
			if (!isStoreChange(change)) {
				apply(change);
				extras.push(change);
			} else written.push(...this.#apply(change));
		};
		try {
			storage.transactionSync(() => {
				for (const change of changes) one(change);
				for (const change of follow(written)) one(change);
				also?.();
			});
		} catch (error) {
			this.store.rollback(before);
			this.#ports.rolledBack();
			throw error;
		}
		if (written.length > 0) this.#collector.stir();
		if (written.length > 0) this.#pulse.committed().catch((error) => console.error("the disk could not be waited for", error));
		committed(written, extras);
	}

	/** Sees to the dependents of what is gone, and forgets what has expired. Writes nothing when there is nothing to do. */
	collect(): void {
		if (this.#collecting) return;
		this.#collecting = true;
		try {
			while (this.#collector.pending && this.#collector.step());
			const expired = this.#events.expired(this.#ports.now());
			if (expired.length > 0) this.commit(expired.map((name) => ({ type: "remove", plural: "events", name })));
		} finally {
			this.#collecting = false;
		}
	}

	#apply(change: StoreChange): Committed[] {
		const { namespace = "", uid, now } = this.#ports;
		switch (change.type) {
			case "put":
				return [this.store.put(change.plural, change.object)];
			case "remove": {
				const removed = this.store.remove(change.plural, change.name);
				return removed ? [removed] : [];
			}
			case "event":
				return [this.store.put("events", this.#events.noted(change.event, namespace, uid, now()))];
			case "gone":
				if (
					change.gone.policy === "Orphan" ||
					this.store.dependents(change.gone.uid, 1).length > 0 ||
					this.store.get(change.gone.plural, change.gone.name)
				)
					this.#collector.add(change.gone);
				return [];
		}
	}

	#delete(plural: string, object: BaseResource): void {
		const stored = this.#ports.kinds.find((kind) => kind.plural === plural && !kind.projection);
		if (!stored) return;
		const call = { owner: this.#owner, kind: stored, stored, caller: this.#ports.system, subresource: undefined };
		const stamp = { now: this.#ports.now(), uid: this.#ports.uid, caller: this.#ports.system };
		if ((object.metadata.finalizers ?? []).length > 0) {
			this.commit([{ type: "put", plural, object: deleting(object, stamp.now) }]);
			return;
		}
		const decision = removal(call, object, stamp);
		if (decision.ok) this.commit(decision.changes);
	}

	/** Leaves an audit record of what was asked and what came of it. */
	record(request: ApiRequest, code: number, outcome: Pick<AuditEntry, "name" | "reason" | "message">): void {
		if (request.verb === "get" || request.verb === "list") return;
		// What is tried on a Secret may tell something of its values, so that is on record as well.
		if ("write" in request && request.write.dryRun && request.resource.plural !== "secrets") return;
		if ("delete" in request && request.delete.dryRun) return;
		const { resource, caller, namespace, verb } = request;
		const name = "name" in request ? request.name : undefined;
		this.audit.append({
			at: this.#ports.now(),
			caller,
			verb,
			group: resource.group,
			resource: resource.subresource === undefined ? resource.plural : `${resource.plural}/${resource.subresource}`,
			...(namespace !== undefined && { namespace }),
			...(name !== undefined && { name }),
			code,
			...outcome,
		});
	}

	#selectionChanged(plural: string, before: BaseResource, after: BaseResource): boolean {
		if (JSON.stringify(before.metadata.labels) !== JSON.stringify(after.metadata.labels)) return true;
		return this.#ports.kinds.some(({ plural: own, projection, selectableFields = {} }) => {
			if ((projection?.of ?? own) !== plural) return false;
			const read = (object: BaseResource) => projection?.read(object) ?? object;
			const [old, now] = [read(before), read(after)];
			return Object.values(selectableFields).some((field) => field(old) !== field(now));
		});
	}
}

function isStoreChange(change: StoreChange | { type: string }): change is StoreChange {
	return STORE_CHANGES.has(change.type);
}
