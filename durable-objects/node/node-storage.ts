import type { Sql } from "../session/journal.ts";
import type { NodeIdentity } from "./admission.ts";

/** The little that a node's object keeps: whose the name is, who waits for it, and what it must be told. */
export class NodeStorage {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
		sql.exec("CREATE TABLE IF NOT EXISTS node (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS waiting (session TEXT PRIMARY KEY) WITHOUT ROWID");
		sql.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, frame TEXT NOT NULL) WITHOUT ROWID");
	}

	identity(): NodeIdentity | undefined {
		const [row] = this.#sql.exec("SELECT value FROM node WHERE key = 'identity'").toArray();
		return row && JSON.parse(String(row.value));
	}

	/** The highest incarnation that any machine had under this name; 0 for none. */
	lastIncarnation(): number {
		const [row] = this.#sql.exec("SELECT value FROM node WHERE key = 'incarnation'").toArray();
		return row ? Number(row.value) : 0;
	}

	put(identity: NodeIdentity): void {
		this.#set("identity", JSON.stringify(identity));
		this.#set("incarnation", String(identity.incarnation));
	}

	/** The name is free again; the incarnation is remembered. */
	free(): void {
		this.#sql.exec("DELETE FROM node WHERE key = 'identity'");
		this.#sql.exec("DELETE FROM orders");
	}

	wait(session: string): void {
		this.#sql.exec("INSERT OR IGNORE INTO waiting (session) VALUES (?)", session);
	}

	waiting(): string[] {
		return this.#sql
			.exec("SELECT session FROM waiting")
			.toArray()
			.map((row) => String(row.session));
	}

	stopWaiting(session: string): void {
		this.#sql.exec("DELETE FROM waiting WHERE session = ?", session);
	}

	/** A frame that the node must get even if it is away now. */
	order(id: string, frame: string): void {
		this.#sql.exec("INSERT OR REPLACE INTO orders (id, frame) VALUES (?, ?)", id, frame);
	}

	hasOrder(id: string): boolean {
		return this.#sql.exec("SELECT 1 FROM orders WHERE id = ?", id).toArray().length > 0;
	}

	orders(): { id: string; frame: string }[] {
		return this.#sql
			.exec("SELECT id, frame FROM orders")
			.toArray()
			.map((row) => ({ id: String(row.id), frame: String(row.frame) }));
	}

	done(id: string): void {
		this.#sql.exec("DELETE FROM orders WHERE id = ?", id);
	}

	#set(key: string, value: string): void {
		this.#sql.exec("INSERT OR REPLACE INTO node (key, value) VALUES (?, ?)", key, value);
	}
}
