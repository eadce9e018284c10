import type { Lease, LeaseRequest, NodeRecord } from "../ports.ts";
import type { Sql } from "../session/journal.ts";
import type { Waiting } from "./queue.ts";

/** A node as it is stored: without what is derived from leases. */
export type StoredNode = Omit<NodeRecord, "leases" | "allocated">;

export interface StoredLease extends Lease {
	request: LeaseRequest;
	/** The session knows of it. */
	told: boolean;
}

/**
 * Nodes, leases and the queue in SQLite. What is allocated on a node is always the sum over its live leases: nothing
 * is counted up and down, so nothing can be counted wrong.
 */
export class Ledger {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
		sql.exec("CREATE TABLE IF NOT EXISTS nodes (name TEXT PRIMARY KEY, node TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS leases (session TEXT PRIMARY KEY, lease TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS queue (session TEXT PRIMARY KEY, since INTEGER NOT NULL, request TEXT NOT NULL) WITHOUT ROWID");
	}

	nodes(): StoredNode[] {
		return this.#sql
			.exec("SELECT node FROM nodes ORDER BY name")
			.toArray()
			.map((row) => JSON.parse(String(row.node)));
	}

	putNode(node: StoredNode): void {
		this.#sql.exec("INSERT OR REPLACE INTO nodes (name, node) VALUES (?, ?)", node.name, JSON.stringify(node));
	}

	deleteNode(name: string): void {
		this.#sql.exec("DELETE FROM nodes WHERE name = ?", name);
	}

	leases(): StoredLease[] {
		return this.#sql
			.exec("SELECT lease FROM leases")
			.toArray()
			.map((row) => JSON.parse(String(row.lease)));
	}

	lease(session: string): StoredLease | undefined {
		const [row] = this.#sql.exec("SELECT lease FROM leases WHERE session = ?", session).toArray();
		return row && JSON.parse(String(row.lease));
	}

	putLease(lease: StoredLease): void {
		this.#sql.exec("INSERT OR REPLACE INTO leases (session, lease) VALUES (?, ?)", lease.session, JSON.stringify(lease));
	}

	deleteLease(session: string): void {
		this.#sql.exec("DELETE FROM leases WHERE session = ?", session);
	}

	queue(): Waiting[] {
		const rows = this.#sql.exec("SELECT since, request FROM queue ORDER BY since").toArray();
		return rows.map((row) => ({ since: Number(row.since), request: JSON.parse(String(row.request)) }));
	}

	/** A session that waits already keeps its place. */
	enqueue(request: LeaseRequest, now: number): void {
		this.#sql.exec(
			"INSERT INTO queue (session, since, request) VALUES (?, ?, ?) ON CONFLICT (session) DO UPDATE SET request = excluded.request",
			request.session,
			now,
			JSON.stringify(request),
		);
	}

	dequeue(session: string): void {
		this.#sql.exec("DELETE FROM queue WHERE session = ?", session);
	}

	/** Nodes with what their leases hold at `now`. */
	records(now: number): NodeRecord[] {
		const leases = this.leases().filter((lease) => lease.expiresAt > now);
		return this.nodes().map((node) => {
			const held = leases.filter((lease) => lease.node === node.name && lease.incarnation === node.incarnation);
			const cpu = held.reduce((sum, { request }) => sum + request.requests.cpu, 0);
			const memory = held.reduce((sum, { request }) => sum + request.requests.memory, 0);
			return { ...node, leases: held.map(publicLease), allocated: { cpu, memory, slots: held.length } };
		});
	}
}

export function publicLease({ id, session, node, incarnation, expiresAt }: StoredLease): Lease {
	return { id, session, node, incarnation, expiresAt };
}
