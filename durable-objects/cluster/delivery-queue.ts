import type { Sql } from "../store/sql.ts";

/** `policy` and `terminate` are told to a namespace, `establish` and `close` to another cluster. */
export type Errand = "policy" | "terminate" | "establish" | "close";

/** Something that another object must be told, as it is when it is told. */
export interface Delivery {
	what: Errand;
	/** Of the namespace or cluster. */
	name: string;
	/** Grows with every order of the same delivery. */
	stamp: number;
	/** How often it failed. */
	attempts: number;
}

type Row = { what: Errand; name: string; stamp: number; attempts: number };

/** What is owed to other objects, durably: one row for each thing and each object, however often it was ordered. */
export class DeliveryQueue {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** Part of the transaction that it follows from. */
	order(what: Errand, name: string, now: number): void {
		const upsert = `INSERT INTO deliveries VALUES (?, ?, 1, 0, ?)
			ON CONFLICT DO UPDATE SET stamp = stamp + 1, attempts = 0, next_at = excluded.next_at`;
		this.#sql.exec(upsert, what, name, now);
	}

	/** What is due, oldest first. */
	due(now: number, limit: number): Delivery[] {
		const select = "SELECT what, name, stamp, attempts FROM deliveries WHERE next_at <= ? ORDER BY next_at LIMIT ?";
		return this.#sql.exec<Row>(select, now, limit).toArray();
	}

	/** When something is due next; `undefined` when nothing is left. */
	nextAt(): number | undefined {
		return this.#sql.exec<{ at: number | null }>("SELECT min(next_at) AS at FROM deliveries").toArray()[0]?.at ?? undefined;
	}

	/** It was told; stays if it was ordered again meanwhile. */
	done({ what, name, stamp }: Delivery): void {
		this.#sql.exec("DELETE FROM deliveries WHERE what = ? AND name = ? AND stamp = ?", what, name, stamp);
	}

	failed({ what, name, stamp }: Delivery, nextAt: number): void {
		const update = "UPDATE deliveries SET attempts = attempts + 1, next_at = ? WHERE what = ? AND name = ? AND stamp = ?";
		this.#sql.exec(update, nextAt, what, name, stamp);
	}

	/** It need not be told any more. */
	cancel(what: Errand, name: string): void {
		this.#sql.exec("DELETE FROM deliveries WHERE what = ? AND name = ?", what, name);
	}
}
