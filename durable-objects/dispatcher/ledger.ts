import type { ContainerOrder, Lease, LeaseCause, LeaseRequest, NodeRecord } from "../ports.ts";
import type { Sql } from "../session/journal.ts";
import { Rows } from "./rows.ts";
import type { Decision } from "./scheduler/types.ts";
import { decodeDecision, encodeDecision } from "./stored-decision.ts";

/** A node as it is stored: without what is derived from leases. */
export type StoredNode = Omit<NodeRecord, "leases" | "allocated"> & {
	/** What the node's object must still be told to do; gone once it has said that it will. */
	order?: { kind: "start"; container: ContainerOrder } | { kind: "stop" };
	/** When that was ordered last, milliseconds since the epoch; absent (an older row): not known. */
	orderedAt?: number;
	/** When each taint NoExecute was put on it, by key and value (see {@link taintId}). */
	taintedAt?: Record<string, number>;
	/** Nothing new comes here, and the container goes as soon as nothing is left on it. */
	retiring?: true;
};

export interface StoredLease extends Lease {
	request: LeaseRequest;
	/** Milliseconds since the epoch; absent (an older row): not known. */
	grantedAt?: number;
	/** Uid of the machine, unless it is a container. */
	machine?: string;
	/** The session knows of it. */
	told: boolean;
	/** It is wanted back. */
	recall?: { by: string; reason: string; cause: LeaseCause; at: number; told: boolean };
}

/** A session that waits for a node. */
export interface Waiting {
	request: LeaseRequest;
	/** When it began to wait, milliseconds since the epoch. */
	since: number;
	/** Node on which room is made for it. */
	nominated?: string;
}

/**
 * Nodes, leases and the queue: in memory to be decided on, and in SQLite, which is written with every change and read when
 * the object wakes. What is allocated on a node is always the sum over its live leases: nothing is counted up and down
 * across a restart, so nothing can be counted wrong.
 */
export class Ledger {
	readonly #sql: Sql;
	readonly #nodeRows: Rows;
	readonly #leaseRows: Rows;
	readonly #queueRows: Rows;
	readonly #decisionRows: Rows;
	readonly #nodes = new Map<string, StoredNode>();
	readonly #leases = new Map<string, StoredLease>();
	readonly #queue = new Map<string, Waiting>();
	/** The only node with the files of a session that has no lease, by its name. */
	readonly #bound = new Map<string, string>();

	constructor(sql: Sql) {
		this.#sql = sql;
		sql.exec("CREATE TABLE IF NOT EXISTS nodes (name TEXT PRIMARY KEY, node TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS leases (session TEXT PRIMARY KEY, lease TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS queue (session TEXT PRIMARY KEY, since INTEGER NOT NULL, request TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS nominations (session TEXT PRIMARY KEY, node TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS decisions (session TEXT PRIMARY KEY, decision TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS bound (session TEXT PRIMARY KEY, node TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, fact TEXT NOT NULL) WITHOUT ROWID");
		this.#nodeRows = new Rows(sql, "nodes", ["name", "node"]);
		this.#leaseRows = new Rows(sql, "leases", ["session", "lease"]);
		this.#queueRows = new Rows(sql, "queue", ["session", "since", "request"]);
		this.#decisionRows = new Rows(sql, "decisions", ["session", "decision"]);
		this.load();
	}

	/** Makes many changes, which are written together after the last one, and not at all when one fails. */
	together<T>(changes: () => T): T {
		for (const rows of this.#rows()) rows.hold();
		try {
			const result = changes();
			for (const rows of this.#rows()) rows.write();
			return result;
		} finally {
			for (const rows of this.#rows()) rows.discard();
		}
	}

	#rows(): Rows[] {
		return [this.#nodeRows, this.#leaseRows, this.#queueRows, this.#decisionRows];
	}

	/** Reads everything anew: what was in memory only, because its transaction failed, never was. */
	load(): void {
		this.#nodes.clear();
		this.#leases.clear();
		this.#queue.clear();
		this.#bound.clear();
		for (const { node } of this.#sql.exec("SELECT node FROM nodes ORDER BY name").toArray()) {
			const stored: StoredNode = JSON.parse(String(node));
			this.#nodes.set(stored.name, stored);
		}
		for (const { lease } of this.#sql.exec("SELECT lease FROM leases").toArray()) {
			const stored: StoredLease = JSON.parse(String(lease));
			this.#leases.set(stored.session, stored);
		}
		for (const { session, node } of this.#sql.exec("SELECT session, node FROM bound").toArray())
			this.#bound.set(String(session), String(node));
		const nominated = new Map<string, string>();
		for (const { session, node } of this.#sql.exec("SELECT session, node FROM nominations").toArray())
			nominated.set(String(session), String(node));
		for (const row of this.#sql.exec("SELECT since, request FROM queue ORDER BY since").toArray()) {
			const request: LeaseRequest = JSON.parse(String(row.request));
			const node = nominated.get(request.session);
			this.#queue.set(request.session, { since: Number(row.since), request, ...(node !== undefined && { nominated: node }) });
		}
	}

	nodes(): IterableIterator<StoredNode> {
		return this.#nodes.values();
	}

	node(name: string): StoredNode | undefined {
		return this.#nodes.get(name);
	}

	nodeCount(): number {
		return this.#nodes.size;
	}

	putNode(node: StoredNode): void {
		this.#nodeRows.put(node.name, JSON.stringify(node));
		this.#nodes.set(node.name, node);
	}

	deleteNode(name: string): void {
		this.#nodeRows.delete(name);
		this.#nodes.delete(name);
	}

	/** Sessions without a lease whose files are on one node only, with that node. */
	bound(): IterableIterator<[session: string, node: string]> {
		return this.#bound.entries();
	}

	boundTo(session: string): string | undefined {
		return this.#bound.get(session);
	}

	/** @param node absent: none */
	bind(session: string, node: string | undefined): void {
		if (this.#bound.get(session) === node) return;
		if (node === undefined) {
			this.#sql.exec("DELETE FROM bound WHERE session = ?", session);
			this.#bound.delete(session);
		} else {
			this.#sql.exec("INSERT OR REPLACE INTO bound (session, node) VALUES (?, ?)", session, node);
			this.#bound.set(session, node);
		}
	}

	leases(): IterableIterator<StoredLease> {
		return this.#leases.values();
	}

	leaseCount(): number {
		return this.#leases.size;
	}

	lease(session: string): StoredLease | undefined {
		return this.#leases.get(session);
	}

	putLease(lease: StoredLease): void {
		this.#leaseRows.put(lease.session, JSON.stringify(lease));
		this.#leases.set(lease.session, lease);
	}

	deleteLease(session: string): void {
		this.#leaseRows.delete(session);
		this.#leases.delete(session);
	}

	queue(): IterableIterator<Waiting> {
		return this.#queue.values();
	}

	waiting(session: string): Waiting | undefined {
		return this.#queue.get(session);
	}

	queueLength(): number {
		return this.#queue.size;
	}

	/** A session that waits already keeps its place. */
	enqueue(request: LeaseRequest, now: number): void {
		const known = this.#queue.get(request.session);
		const since = known?.since ?? now;
		this.#queueRows.put(request.session, since, JSON.stringify(request));
		this.#queue.set(request.session, { ...known, since, request });
	}

	dequeue(session: string): void {
		if (!this.#queue.has(session)) return;
		this.#queueRows.delete(session);
		if (this.#queue.get(session)?.nominated !== undefined) this.#sql.exec("DELETE FROM nominations WHERE session = ?", session);
		this.#queue.delete(session);
	}

	/** Keeps for whom room is made on which node. @param node absent: nowhere any more */
	nominate(session: string, node: string | undefined): void {
		const known = this.#queue.get(session);
		if (!known || known.nominated === node) return;
		const { nominated: _, ...rest } = known;
		if (node === undefined) this.#sql.exec("DELETE FROM nominations WHERE session = ?", session);
		else this.#sql.exec("INSERT OR REPLACE INTO nominations (session, node) VALUES (?, ?)", session, node);
		this.#queue.set(session, node === undefined ? rest : { ...rest, nominated: node });
	}

	/** The last decision about a session. */
	decision(session: string): Decision | undefined {
		const decision = this.#decisionRows.get(session, "decision");
		return typeof decision === "string" ? decodeDecision(session, decision) : undefined;
	}

	putDecision(decision: Decision): void {
		this.#decisionRows.put(decision.session, encodeDecision(decision));
	}

	deleteDecision(session: string): void {
		this.#decisionRows.delete(session);
	}

	/** Something small that must outlive this memory. */
	fact<T>(name: string): T | undefined {
		const [row] = this.#sql.exec("SELECT fact FROM facts WHERE name = ?", name).toArray();
		return row && JSON.parse(String(row.fact));
	}

	putFact(name: string, fact: unknown): void {
		if (fact === undefined) this.#sql.exec("DELETE FROM facts WHERE name = ?", name);
		else this.#sql.exec("INSERT OR REPLACE INTO facts (name, fact) VALUES (?, ?)", name, JSON.stringify(fact));
	}
}

export function publicLease({ id, session, node, incarnation, expiresAt, machine, request }: StoredLease): Lease {
	return { id, session, node, incarnation, expiresAt, ...(machine !== undefined && { machine }), bound: request.workspaceBound === true };
}
