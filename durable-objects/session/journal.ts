import type { Journaled, SessionEvent } from "./events.ts";

/** What the journal needs of SQLite: `ctx.storage.sql` in a Durable Object. */
export interface Sql {
	exec(query: string, ...bindings: (string | number)[]): { toArray(): Record<string, unknown>[] };
}

/** Rows and strings are limited to 2 MB in production (workerd alone would take 4 MiB). */
export const MAX_EVENT_BYTES = 1_900_000;
const PAGE = 500;

/**
 * The append-only table of a session's events: one row an event, no index beside the key, so that an event costs one
 * row written.
 */
export class Journal {
	readonly #sql: Sql;
	/** The table is made by the first event: an object that is only asked whether it exists stores nothing. */
	#exists: boolean;

	constructor(sql: Sql) {
		this.#sql = sql;
		this.#exists = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal'").toArray().length > 0;
	}

	/**
	 * Writes events after `seq`. Storage may refuse (a full disk, an object that moved away): then nothing is written.
	 * @throws EventTooLarge for an event that no row can hold.
	 */
	append(seq: number, at: number, events: readonly SessionEvent[]): Journaled[] {
		if (!this.#exists) this.#sql.exec("CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL)");
		this.#exists = true;
		const written: Journaled[] = [];
		for (const event of events) {
			const text = JSON.stringify(event);
			// A UTF-16 unit is at most three bytes of UTF-8: only long texts need to be measured.
			if (text.length * 3 > MAX_EVENT_BYTES && new TextEncoder().encode(text).length > MAX_EVENT_BYTES)
				throw new EventTooLarge(event.type, text.length);
			seq += 1;
			this.#sql.exec("INSERT INTO journal (seq, at, event) VALUES (?, ?, ?)", seq, at, text);
			written.push({ seq, at, event });
		}
		return written;
	}

	/** Up to {@link PAGE} events after `seq`, in order. */
	after(seq: number): Journaled[] {
		if (!this.#exists) return [];
		const rows = this.#sql.exec(`SELECT seq, at, event FROM journal WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`, seq).toArray();
		return rows.map((row) => ({ seq: Number(row.seq), at: Number(row.at), event: JSON.parse(String(row.event)) }));
	}

	*all(): Generator<Journaled> {
		for (let page = this.after(0); page.length > 0; ) {
			yield* page;
			const last = page.at(-1);
			page = last === undefined || page.length < PAGE ? [] : this.after(last.seq);
		}
	}
}

export class EventTooLarge extends Error {
	override readonly name = "EventTooLarge";
	constructor(type: string, length: number) {
		super(`A ${type} of ${length} characters is more than a session can store (${MAX_EVENT_BYTES} bytes).`);
	}
}
