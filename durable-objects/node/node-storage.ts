import type { Drive } from "../container/drive.ts";
import type { Sql } from "../session/journal.ts";
import type { NodeIdentity } from "./admission.ts";
import { lazyTables } from "./lazy-tables.ts";
import type { Watch } from "./loss.ts";
import type { Report } from "./reports.ts";

/** A call that was sent and not answered. */
export interface Flight {
	callId: string;
	session: string;
}

const TABLES = {
	node: "(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
	waiting: "(session TEXT PRIMARY KEY) WITHOUT ROWID",
	orders: "(id TEXT PRIMARY KEY, frame TEXT NOT NULL) WITHOUT ROWID",
	flights: "(call_id TEXT PRIMARY KEY, session TEXT NOT NULL) WITHOUT ROWID",
	reports: "(id INTEGER PRIMARY KEY AUTOINCREMENT, report TEXT NOT NULL)",
};

/** The little that a node's object keeps: whose the name is, who waits for it, and what it must be told. */
export class NodeStorage {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = lazyTables(sql, TABLES);
	}

	identity(): NodeIdentity | undefined {
		const value = this.#get("identity");
		return value === undefined ? undefined : JSON.parse(value);
	}

	/** The highest incarnation that any machine had under this name; 0 for none. */
	lastIncarnation(): number {
		return Number(this.#get("incarnation") ?? 0);
	}

	put(identity: NodeIdentity): void {
		this.#set("identity", JSON.stringify(identity));
		this.#set("incarnation", String(identity.incarnation));
	}

	/** The name is free again; the incarnation is remembered. */
	free(): void {
		this.#delete("identity");
		this.#delete("watch");
		this.#sql.exec("DELETE FROM orders");
	}

	/** Absent: nobody waits for the machine. */
	watch(): Watch | undefined {
		const value = this.#get("watch");
		return value === undefined ? undefined : JSON.parse(value);
	}

	putWatch(watch: Watch | undefined): void {
		if (watch) this.#set("watch", JSON.stringify(watch));
		else this.#delete("watch");
	}

	/** How far the node's container is; absent: it has none. */
	drive(): Drive | undefined {
		const value = this.#get("container");
		return value === undefined ? undefined : JSON.parse(value);
	}

	putDrive(drive: Drive | undefined): void {
		if (drive) this.#set("container", JSON.stringify(drive));
		else this.#delete("container");
	}

	wait(session: string): void {
		this.#sql.exec("INSERT OR IGNORE INTO waiting (session) VALUES (?)", session);
	}

	waiting(): string[] {
		return this.#rows("SELECT session FROM waiting").map(({ session }) => String(session));
	}

	stopWaiting(session: string): void {
		this.#sql.exec("DELETE FROM waiting WHERE session = ?", session);
	}

	/** A call is on its way to the machine. */
	flight({ callId, session }: Flight): void {
		this.#sql.exec("INSERT OR IGNORE INTO flights (call_id, session) VALUES (?, ?)", callId, session);
	}

	flights(): Flight[] {
		return this.#rows("SELECT call_id, session FROM flights").map((row) => ({ callId: String(row.call_id), session: String(row.session) }));
	}

	/** The machine is back and knows these calls only: whoever sent another one sends it again. */
	flown(known: readonly string[]): void {
		for (const { callId, session } of this.flights()) {
			if (known.includes(callId)) continue;
			this.landed(callId);
			this.wait(session);
		}
	}

	/** It was answered. */
	landed(callId: string): void {
		this.#sql.exec("DELETE FROM flights WHERE call_id = ?", callId);
	}

	/** An incarnation is over, and what was under way in it is answered by nobody: whoever waits for an answer waits for the node. */
	ground(): void {
		this.#sql.exec("DELETE FROM orders WHERE id LIKE 'stop:%'");
		this.#sql.exec("INSERT OR IGNORE INTO waiting (session) SELECT DISTINCT session FROM flights");
		this.#sql.exec("DELETE FROM flights");
	}

	/** The session is deleted: nobody waits for what it has under way. */
	forget(session: string): void {
		this.#sql.exec("DELETE FROM flights WHERE session = ?", session);
	}

	/** A frame that the node must get even if it is away now. */
	order(id: string, frame: string): void {
		this.#sql.exec("INSERT OR REPLACE INTO orders (id, frame) VALUES (?, ?)", id, frame);
	}

	hasOrder(id: string): boolean {
		return this.#rows("SELECT 1 FROM orders WHERE id = ?", id).length > 0;
	}

	orders(): { id: string; frame: string }[] {
		return this.#rows("SELECT id, frame FROM orders").map((row) => ({ id: String(row.id), frame: String(row.frame) }));
	}

	done(id: string): void {
		this.#sql.exec("DELETE FROM orders WHERE id = ?", id);
	}

	/** What the dispatcher must hear, oldest first. */
	report(report: Report): void {
		this.#sql.exec("INSERT INTO reports (report) VALUES (?)", JSON.stringify(report));
	}

	reports(): { id: number; report: Report }[] {
		return this.#rows("SELECT id, report FROM reports ORDER BY id").map((row) => ({
			id: Number(row.id),
			report: JSON.parse(String(row.report)),
		}));
	}

	reported(id: number): void {
		this.#sql.exec("DELETE FROM reports WHERE id = ?", id);
	}

	#rows(query: string, ...bindings: string[]): Record<string, unknown>[] {
		return this.#sql.exec(query, ...bindings).toArray();
	}

	#get(key: string): string | undefined {
		const [row] = this.#rows("SELECT value FROM node WHERE key = ?", key);
		return row && String(row.value);
	}

	#set(key: string, value: string): void {
		this.#sql.exec("INSERT OR REPLACE INTO node (key, value) VALUES (?, ?)", key, value);
	}

	#delete(key: string): void {
		this.#sql.exec("DELETE FROM node WHERE key = ?", key);
	}
}
