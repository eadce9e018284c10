import { type Printed, shortened } from "./cut-output.ts";
import type { Sql } from "./journal.ts";

/**
 * At most so often, in milliseconds, what a running command prints is kept. An object that nothing happens to is evicted
 * after ten seconds, and its memory with it: kept sooner, nothing of it is lost.
 */
const EVERY_MS = 5_000;

export interface KeptOutputPorts {
	sql: Sql;
	/** What this memory knows of the output of a running command, in order; nothing once it has ended. */
	printed(callId: string): Printed[];
	/** Calls back after `ms`. */
	later(ms: number, run: () => void): void;
}

/**
 * The beginning and the end of what running commands have printed, for should one of them be cut or lost: one row each, and
 * none of a command that ends within {@link EVERY_MS}. It is no part of the journal: whatever a command printed is in its result.
 */
export class KeptOutput {
	readonly #ports: KeptOutputPorts;
	readonly #soon = new Set<string>();
	/** The table is made by the first output that is kept. */
	#exists: boolean;

	constructor(ports: KeptOutputPorts) {
		this.#ports = ports;
		this.#exists = ports.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outputs'").toArray().length > 0;
	}

	/** A command has printed something. */
	changed(callId: string): void {
		if (this.#soon.has(callId)) return;
		this.#soon.add(callId);
		this.#ports.later(EVERY_MS, () => {
			this.#soon.delete(callId);
			this.#keep(callId);
		});
	}

	/** What is known of what a command has printed, in order: what this memory has heard, behind what was kept before it. */
	printed(callId: string): Printed[] {
		const heard = this.#ports.printed(callId);
		const [first] = heard;
		const kept = this.#read(callId);
		const before =
			first === undefined ? kept : kept.map(({ from, text }) => ({ from, text: text.slice(0, Math.max(0, first.from - from)) }));
		return [...before.filter(({ text }) => text !== ""), ...heard];
	}

	/** The command has ended. */
	forget(callId: string): void {
		if (this.#exists) this.#ports.sql.exec("DELETE FROM outputs WHERE call_id = ?", callId);
	}

	/** All that the object stored was deleted. */
	wiped(): void {
		this.#exists = false;
	}

	#keep(callId: string): void {
		if (this.#ports.printed(callId).length === 0) return;
		const { sql } = this.#ports;
		if (!this.#exists) sql.exec("CREATE TABLE IF NOT EXISTS outputs (call_id TEXT PRIMARY KEY, pieces TEXT NOT NULL) WITHOUT ROWID");
		this.#exists = true;
		const pieces = shortened(this.printed(callId));
		sql.exec("INSERT OR REPLACE INTO outputs (call_id, pieces) VALUES (?, ?)", callId, JSON.stringify(pieces));
	}

	#read(callId: string): Printed[] {
		if (!this.#exists) return [];
		const [row] = this.#ports.sql.exec("SELECT pieces FROM outputs WHERE call_id = ?", callId).toArray();
		return row ? JSON.parse(String(row.pieces)) : [];
	}
}
