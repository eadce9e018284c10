import type { Sql } from "../session/journal.ts";

type Value = string | number | null;

/** Rows in one statement: Cloudflare binds at most 100 values to one, and each number of rows is a statement of its own to be parsed. */
const ROWS_AT_ONCE = 16;

/**
 * The rows of a table as they are written: each at once, or while they are held, all of them together when that is over, with
 * one statement for many. A statement costs much more than a row, and what comes and goes meanwhile costs nothing.
 */
export class Rows {
	readonly #sql: Sql;
	readonly #table: string;
	readonly #columns: readonly string[];
	/** What is to be written, by the first column; `undefined`: the row goes. */
	readonly #pending = new Map<string, readonly Value[] | undefined>();
	#held = false;

	/** @param columns the first one is the key */
	constructor(sql: Sql, table: string, columns: readonly string[]) {
		this.#sql = sql;
		this.#table = table;
		this.#columns = columns;
	}

	/** @param values in the order of the columns, the key first */
	put(key: string, ...values: Value[]): void {
		this.#set(key, [key, ...values]);
	}

	delete(key: string): void {
		this.#set(key, undefined);
	}

	/** The column that is asked for, written or not; `undefined` when there is no such row. */
	get(key: string, column: string): Value | undefined {
		const at = this.#columns.indexOf(column);
		if (this.#pending.has(key)) return this.#pending.get(key)?.[at];
		const [row] = this.#sql.exec(`SELECT ${column} FROM ${this.#table} WHERE ${this.#columns[0]} = ?`, key).toArray();
		return row?.[column] as Value | undefined;
	}

	/** From now on nothing is written. */
	hold(): void {
		this.#held = true;
	}

	/** Writes what was held. */
	write(): void {
		this.#held = false;
		const pending = [...this.#pending];
		this.#pending.clear();
		const rows = pending.flatMap(([, row]) => (row ? [row] : []));
		const gone = pending.flatMap(([key, row]) => (row ? [] : [key]));
		for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) this.#insert(rows.slice(at, at + ROWS_AT_ONCE));
		for (let at = 0; at < gone.length; at += ROWS_AT_ONCE) this.#remove(gone.slice(at, at + ROWS_AT_ONCE));
	}

	/** Forgets what was held. */
	discard(): void {
		this.#held = false;
		this.#pending.clear();
	}

	#set(key: string, row: readonly Value[] | undefined): void {
		this.#pending.set(key, row);
		if (!this.#held) this.write();
	}

	#insert(rows: readonly (readonly Value[])[]): void {
		const places = rows.map((row) => `(${row.map(() => "?").join(", ")})`).join(", ");
		this.#sql.exec(`INSERT OR REPLACE INTO ${this.#table} (${this.#columns.join(", ")}) VALUES ${places}`, ...rows.flat());
	}

	#remove(keys: readonly string[]): void {
		const places = keys.map(() => "?").join(", ");
		this.#sql.exec(`DELETE FROM ${this.#table} WHERE ${this.#columns[0]} IN (${places})`, ...keys);
	}
}
