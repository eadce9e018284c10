/** A row of an object, as it is stored. */
export type Row = { name: string; rv: number; json: string; long_texts: number };

/** Rows that are kept. */
const ROWS = 128;
/** Characters of a row that is worth keeping: all of them together stay below some megabytes. */
const LONGEST = 16_384;

/**
 * Rows that were read or written lately. A write looks at its object several times, and the next write is often of the
 * same object; asking SQLite each time would be the greater part of its cost. Text, not objects: everybody who reads gets
 * an object of their own.
 */
export class RowCache {
	readonly #rows = new Map<string, Row>();

	get(plural: string, name: string): Row | undefined {
		return this.#rows.get(`${plural}/${name}`);
	}

	set(plural: string, row: Row): void {
		const key = `${plural}/${row.name}`;
		this.#rows.delete(key);
		if (row.json.length > LONGEST) return;
		this.#rows.set(key, row);
		if (this.#rows.size <= ROWS) return;
		const [oldest] = this.#rows.keys();
		if (oldest !== undefined) this.#rows.delete(oldest);
	}

	delete(plural: string, name: string): void {
		this.#rows.delete(`${plural}/${name}`);
	}

	clear(): void {
		this.#rows.clear();
	}
}
