import type { BaseResource } from "../../src/resources/resource.ts";
import type { Sql } from "./sql.ts";

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

/** One change of one object, with the version that it made. */
export interface Committed {
	version: number;
	type: ChangeType;
	plural: string;
	/** As it is now; for `DELETED` as it last was, with the version of its deletion. */
	object: BaseResource;
	/** As it was before, where a selector might have seen it otherwise. */
	previous?: BaseResource | undefined;
}

/** Changes that a watch can go back to. */
const KEPT = 8_192;
/** Characters of one object's JSON that are kept in the log. What is longer is read from the object itself, while it is unchanged. */
const LONGEST = 65_536;
/** Characters of JSON of the newest changes that are kept in memory too, for those who follow. */
const RECENT_CHARACTERS = 4_000_000;

/** In place of what an object was before, where that was too long to keep: who looks through a selector has to begin anew. */
const FORGOTTEN = "";

type Row = { rv: number; type: ChangeType; plural: string; name: string; json: string | null; previous: string | null };

/** The last changes of a store in order, one number each, for watches to go on from. */
export class ChangeLog {
	readonly #sql: Sql;
	readonly #current: (plural: string, name: string) => BaseResource | undefined;
	/** The newest changes, without gaps, each with the characters of its JSON. */
	#recent: { change: Committed; size: number }[] = [];
	#recentSize = 0;

	/** `current` reads an object as it is now. */
	constructor(sql: Sql, current: (plural: string, name: string) => BaseResource | undefined) {
		this.#sql = sql;
		this.#current = current;
	}

	/** Number of the newest change; 0 when there was none. */
	newest(): number {
		return this.#sql.exec<{ rv: number | null }>("SELECT max(rv) AS rv FROM changes").toArray()[0]?.rv ?? 0;
	}

	/**
	 * Part of the transaction that makes the change. `json` is the object as the log keeps it, `undefined` where long texts
	 * are stored apart; `size` is about how many characters the whole of it has.
	 */
	append(change: Committed, json: string | undefined, size: number): void {
		const { version, type, plural, object, previous } = change;
		const kept = json !== undefined && json.length <= LONGEST ? json : null;
		const before = previous === undefined ? null : JSON.stringify(previous);
		this.#sql.exec(
			"INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
			version % KEPT,
			version,
			type,
			plural,
			object.metadata.name,
			kept,
			before !== null && before.length > LONGEST ? FORGOTTEN : before,
		);
		this.#recent.push({ change, size });
		this.#recentSize += size;
		if (this.#recentSize > 2 * RECENT_CHARACTERS) this.#shorten();
	}

	/** Forgets what a rolled back transaction appended. */
	rollback(version: number): void {
		this.#recent = this.#recent.filter(({ change }) => change.version <= version);
		this.#recentSize = this.#recent.reduce((sum, { size }) => sum + size, 0);
	}

	/**
	 * The changes after `version` up to `newest`, at most `limit`; `undefined` when the log no longer goes back that far. Of
	 * what `plural` is not about, no more than that it happened need be known.
	 */
	after(version: number, newest: number, limit: number, plural: string): Committed[] | undefined {
		if (version >= newest) return [];
		const first = this.#recent[0]?.change.version;
		if (first !== undefined && first <= version + 1) {
			const start = version + 1 - first;
			return this.#recent.slice(start, Math.min(start + limit, newest - first + 1)).map(({ change }) => change);
		}
		const wanted = Math.min(limit, newest - version);
		if (newest - version > KEPT) return undefined;
		const rows = this.#rows(version + 1, version + wanted);
		if (rows.length < wanted) return undefined;
		const changes: Committed[] = [];
		for (const row of rows) {
			const change = row.plural === plural ? this.#read(row) : passedOver(row);
			if (!change) return undefined;
			changes.push(change);
		}
		return changes;
	}

	/** What is left of a range of versions. By their places in the ring, which SQLite finds without looking at all of it. */
	#rows(first: number, last: number): Row[] {
		const select = `SELECT rv, type, plural, name, json, previous FROM changes
			WHERE slot BETWEEN ? AND ? AND rv BETWEEN ? AND ? ORDER BY slot`;
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

	/** In one go for many, since an array is not shortened at its front for nothing. */
	#shorten(): void {
		let first = 0;
		while (this.#recentSize > RECENT_CHARACTERS && first < this.#recent.length - 1) this.#recentSize -= this.#recent[first++]?.size ?? 0;
		this.#recent = this.#recent.slice(first);
	}

	#read({ rv, type, plural, name, json, previous }: Row): Committed | undefined {
		if (previous === FORGOTTEN) return undefined;
		const object: BaseResource | undefined = json === null ? this.#current(plural, name) : JSON.parse(json);
		if (!object || (json === null && (type === "DELETED" || object.metadata.resourceVersion !== String(rv)))) return undefined;
		object.metadata.resourceVersion = String(rv);
		return { version: rv, type, plural, object, previous: previous === null ? undefined : JSON.parse(previous) };
	}
}

/** In place of a change that nobody looks at. */
function passedOver({ rv, type, plural, name }: Row): Committed {
	const metadata = { name, uid: "", resourceVersion: String(rv), creationTimestamp: "" };
	return { version: rv, type, plural, object: { apiVersion: "", kind: "", metadata } };
}
