import type { Caller } from "../../src/api/request.ts";
import type { Sql } from "./sql.ts";

/** Records that are kept; older ones are overwritten. */
const KEPT = 20_000;

/** One write, exec or denied request: who asked for what, and what came of it. */
export interface AuditEntry {
	/** Milliseconds since the epoch. */
	at: number;
	caller: Caller;
	verb: string;
	group: string;
	/** Plural, or `plural/subresource`. */
	resource: string;
	namespace?: string;
	name?: string;
	/** HTTP code of the answer. */
	code: number;
	/** Reason of a failure. */
	reason?: string;
	message?: string;
}

type Row = { id: number; json: string };

/** What was done to a namespace or cluster and by whom, in order. */
export class AuditLog {
	readonly #sql: Sql;
	#newest: number;

	constructor(sql: Sql) {
		this.#sql = sql;
		this.#newest = sql.exec<{ id: number | null }>("SELECT max(id) AS id FROM audit").toArray()[0]?.id ?? 0;
	}

	append(entry: AuditEntry): void {
		const id = ++this.#newest;
		this.#sql.exec("INSERT OR REPLACE INTO audit VALUES (?, ?, ?)", id % KEPT, id, JSON.stringify(entry));
	}

	/** Records after an id, oldest first. */
	after(id: number, limit: number): { id: number; entry: AuditEntry }[] {
		const first = Math.max(id, this.#newest - KEPT) + 1;
		const last = Math.min(first + limit - 1, this.#newest);
		return this.#rows(first, last).map((row) => ({ id: row.id, entry: JSON.parse(row.json) }));
	}

	/** By their places in the ring, which SQLite finds without looking at all of it. */
	#rows(first: number, last: number): Row[] {
		if (first > last) return [];
		const select = "SELECT id, json FROM audit WHERE slot BETWEEN ? AND ? AND id BETWEEN ? AND ? ORDER BY slot";
		const [from, to] = [first % KEPT, last % KEPT];
		const parts =
			from <= to
				? [[from, to]]
				: [
						[from, KEPT - 1],
						[0, to],
					];
		return parts.flatMap(([low, high]) => this.#sql.exec<Row>(select, low, high, first, last).toArray());
	}

	get(id: number): AuditEntry | undefined {
		const [row] = this.#sql.exec<Row>("SELECT id, json FROM audit WHERE slot = ? AND id = ?", id % KEPT, id).toArray();
		return row && JSON.parse(row.json);
	}

	get newest(): number {
		return this.#newest;
	}
}
