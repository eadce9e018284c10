import type { Journaled, SessionEvent } from "./events.ts";
import { lengthen, shorten } from "./shorthand.ts";

/** What the journal needs of SQLite: `ctx.storage.sql` in a Durable Object. */
export interface Sql {
	exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] };
}

/**
 * Rows and strings are limited to 2 MB in production (workerd alone would take 4 MiB). A character is at most three
 * bytes of UTF-8, so a piece of this many stays well below.
 */
const PIECE = 300_000;
/** Marks a row whose event goes on in `parts`; no JSON begins with it, and no shorthand. */
const GOES_ON = "\u0001";
const PAGE = 500;

/** The one long text of an event. It has a column of its own, because JSON would double every quote and line feed in it. */
const LONG_TEXT: Partial<Record<SessionEvent["type"], string>> = {
	"message.accepted": "text",
	"tool.completed": "content",
	"run.finished": "result",
};

/**
 * The append-only table of a session's events: one row an event, no index beside the key, so that an event costs one
 * row written. The rare event that is too long for a row has the rest of it in `parts`.
 */
export class Journal {
	readonly #sql: Sql;
	/** Runs writes so that all of them are kept or none. */
	readonly #together: (write: () => void) => void;
	/** The table is made by the first event: an object that is only asked whether it exists stores nothing. */
	#exists: boolean;

	constructor(sql: Sql, together: (write: () => void) => void) {
		this.#sql = sql;
		this.#together = together;
		this.#exists = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal'").toArray().length > 0;
	}

	/** Writes events after `seq`. Storage may refuse (a full disk, an object that moved away): then nothing is written. */
	append(seq: number, at: number, events: readonly SessionEvent[]): Journaled[] {
		if (!this.#exists) this.#create();
		const written = events.map((event, index) => ({ seq: seq + index + 1, at, event }));
		this.#together(() => {
			for (const journaled of written) this.#insert(journaled);
		});
		return written;
	}

	#insert({ seq, at, event }: Journaled): void {
		const { envelope, text } = split(event);
		const [first = "", ...rest] = pieces(shorten(JSON.stringify(envelope)));
		rest.forEach((piece, n) => {
			this.#sql.exec("INSERT INTO parts (seq, n, text) VALUES (?, ?, ?)", seq, n, piece);
		});
		const row = rest.length === 0 ? first : GOES_ON + first;
		this.#sql.exec("INSERT INTO journal (seq, at, event, text) VALUES (?, ?, ?, ?)", seq, at, row, text);
	}

	/** Up to {@link PAGE} events after `seq`, in order. */
	after(seq: number): Journaled[] {
		if (!this.#exists) return [];
		const rows = this.#sql.exec(`SELECT seq, at, event, text FROM journal WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`, seq).toArray();
		return rows.map((row) => {
			const event = JSON.parse(lengthen(this.#whole(Number(row.seq), String(row.event))));
			const field = LONG_TEXT[event.type as SessionEvent["type"]];
			if (field !== undefined && row.text !== null) event[field] = String(row.text);
			return { seq: Number(row.seq), at: Number(row.at), event };
		});
	}

	*all(): Generator<Journaled> {
		for (let page = this.after(0); page.length > 0; ) {
			yield* page;
			const last = page.at(-1);
			page = last === undefined || page.length < PAGE ? [] : this.after(last.seq);
		}
	}

	#whole(seq: number, text: string): string {
		if (!text.startsWith(GOES_ON)) return text;
		const parts = this.#sql.exec("SELECT text FROM parts WHERE seq = ? ORDER BY n", seq).toArray();
		return text.slice(GOES_ON.length) + parts.map((part) => String(part.text)).join("");
	}

	#create(): void {
		this.#sql.exec("CREATE TABLE IF NOT EXISTS parts (seq INTEGER, n INTEGER, text TEXT NOT NULL, PRIMARY KEY (seq, n)) WITHOUT ROWID");
		this.#sql.exec("CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, text TEXT)");
		this.#exists = true;
	}
}

/** An event without its long text, and the text; a text that a column could not give back as it was stays where it is. */
function split(event: SessionEvent): { envelope: object; text: string | null } {
	const field = LONG_TEXT[event.type];
	if (field === undefined) return { envelope: event, text: null };
	const { [field]: text, ...envelope } = event as SessionEvent & Record<string, unknown>;
	const fits = typeof text === "string" && text.length <= PIECE && text.isWellFormed() && !text.includes("\0");
	return fits ? { envelope, text } : { envelope: event, text: null };
}

/** Never cuts a surrogate pair: half of one is no character and would not survive storage. */
function pieces(text: string): string[] {
	const found: string[] = [];
	for (let from = 0; from < text.length; ) {
		let to = Math.min(from + PIECE, text.length);
		const last = text.charCodeAt(to - 1);
		if (to < text.length && last >= 0xd800 && last <= 0xdbff) to -= 1;
		found.push(text.slice(from, to));
		from = to;
	}
	return found;
}
