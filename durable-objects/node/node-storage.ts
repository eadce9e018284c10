import type { Checkpoint, Unkept } from "../../containers/node/checkpoint/protocol.ts";
import type { Drive } from "../container/drive.ts";
import type { NodeSilence } from "../ports.ts";
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

/** A person's command that was given to the machine. */
export interface OpenExec {
	/** A UUID. */
	id: string;
	session: string;
	/** Of the machine. */
	incarnation: number;
}

/** How it ended. Its session is yet to be told. */
export interface EndedExec extends OpenExec {
	end: {
		uncheckpointed?: boolean;
		unkept?: Unkept;
		lost?: boolean;
		/** The workspace as it left it, and the epoch that it is of. */
		checkpoint?: Checkpoint;
		epoch?: number;
		/** The machine has not said how, and it may have run. */
		unheard?: boolean;
	};
}

/** Its runtime ended before the files were stored. */
const CUT_OFF: EndedExec["end"] = {
	uncheckpointed: true,
	unkept: {
		reason: "CommandCut",
		message: "A person's command was cut off there. What it changed is stored with the session's next call.",
	},
};

/** A command that its session has ended is refused for so long after: nothing is longer on its way here. */
const CUTS_KEPT_MS = 3_600_000;
/** So many of them are known. */
const CUTS = 1_000;

const TABLES = {
	node: "(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
	waiting: "(session TEXT PRIMARY KEY) WITHOUT ROWID",
	orders: "(id TEXT PRIMARY KEY, frame TEXT NOT NULL) WITHOUT ROWID",
	flights: "(call_id TEXT PRIMARY KEY, session TEXT NOT NULL) WITHOUT ROWID",
	execs: "(id TEXT PRIMARY KEY, session TEXT NOT NULL, incarnation INTEGER NOT NULL, ended TEXT) WITHOUT ROWID",
	cuts: "(id TEXT PRIMARY KEY, reason TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
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

	/** When the machine last said that it was rebooted, milliseconds since the epoch; 0: never. */
	rebootedAt(): number {
		return Number(this.#get("rebooted") ?? 0);
	}

	rebooted(at: number): void {
		this.#set("rebooted", String(at));
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

	/** What those who wait for the machine were told; absent: it speaks. */
	silence(): NodeSilence | undefined {
		const value = this.#get("silence");
		return value === undefined ? undefined : JSON.parse(value);
	}

	putSilence(silence: NodeSilence | undefined): void {
		if (silence) this.#set("silence", JSON.stringify(silence));
		else this.#delete("silence");
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

	/** Those with calls wait for word of the machine, too. */
	waitInFlight(): void {
		this.#sql.exec("INSERT OR IGNORE INTO waiting (session) SELECT DISTINCT session FROM flights");
	}

	/** Somebody has a call on the machine, or would have. */
	awaited(): boolean {
		return this.#rows("SELECT 1 FROM flights UNION ALL SELECT 1 FROM waiting LIMIT 1").length > 0;
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
		// What ran in it is ended by the machine itself, when it is back.
		this.#sql.exec("DELETE FROM orders WHERE id LIKE 'stop:%' OR id LIKE 'rest:%'");
		this.waitInFlight();
		this.#sql.exec("DELETE FROM flights");
		for (const { id } of this.execs()) this.endExec(id, { lost: true });
	}

	/** The machine was given something to do that has not ended. */
	busy(): boolean {
		return this.flights().length > 0 || this.execs().length > 0;
	}

	/** A person's command is on its way to the machine. */
	exec({ id, session, incarnation }: OpenExec): void {
		this.#sql.exec("INSERT OR IGNORE INTO execs (id, session, incarnation) VALUES (?, ?, ?)", id, session, incarnation);
	}

	/** Those that run, as far as is known. */
	execs(): OpenExec[] {
		return this.#rows("SELECT id, session, incarnation FROM execs WHERE ended IS NULL").map(execOf);
	}

	/** The command has ended; kept until its session was told. */
	endExec(id: string, end: EndedExec["end"]): void {
		this.#sql.exec("UPDATE execs SET ended = ? WHERE id = ? AND ended IS NULL", JSON.stringify(end), id);
	}

	/** The machine is back and runs these only; one that does not say which runs none. */
	execsLeft(known: readonly string[]): void {
		for (const { id } of this.execs()) if (!known.includes(id)) this.endExec(id, CUT_OFF);
	}

	endedExecs(): EndedExec[] {
		const rows = this.#rows("SELECT id, session, incarnation, ended FROM execs WHERE ended IS NOT NULL");
		return rows.map((row) => ({ ...execOf(row), end: JSON.parse(String(row.ended)) }));
	}

	/** Its session knows that it has ended. */
	execTold(id: string): void {
		this.#sql.exec("DELETE FROM execs WHERE id = ?", id);
	}

	/** The command is not to run here, should it come. @param reason a sentence */
	cutExec(id: string, reason: string, now: number): void {
		this.#sql.exec("DELETE FROM cuts WHERE at < ?", now - CUTS_KEPT_MS);
		this.#sql.exec("INSERT OR REPLACE INTO cuts (id, reason, at) VALUES (?, ?, ?)", id, reason, now);
		this.#sql.exec("DELETE FROM cuts WHERE id IN (SELECT id FROM cuts ORDER BY at DESC LIMIT -1 OFFSET ?)", CUTS);
	}

	execCut(id: string): string | undefined {
		const [row] = this.#rows("SELECT reason FROM cuts WHERE id = ?", id);
		return row && String(row.reason);
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

function execOf({ id, session, incarnation }: Record<string, unknown>): OpenExec {
	return { id: String(id), session: String(session), incarnation: Number(incarnation) };
}
