import { type QueuedWork, taskKey, type Work } from "./work.ts";

type Row = { id: number; json: string; attempts: number; next_at: number };

/** The durable queue of work, in order within each session. */
export class WorkQueue {
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
	}

	enqueue(work: Work, now: number): void {
		// From a counter, not from what is in the table: a number is never used again, so that the end of an item that was
		// withdrawn while it was under way can never be taken for the end of another.
		const count = "INSERT INTO _meta VALUES ('work', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value";
		const id = this.#sql.exec<{ value: number }>(count).one().value;
		this.#sql.exec("INSERT INTO work VALUES (?, ?, ?, 0, ?)", work.session, id, JSON.stringify(work), now);
	}

	/** Takes back what concerns one task of a session, or everything. */
	withdraw(session: string, taskUid?: string): void {
		for (const { id, work } of this.#ofSession(session)) {
			if (taskUid === undefined || concerns(work, taskUid)) this.#remove(session, id);
		}
	}

	unsent(session: string, taskUid: string): boolean {
		return this.#ofSession(session).some(({ work }) => work.type === "send" && work.uid === taskUid);
	}

	leaving(session: string): boolean {
		return this.#ofSession(session).some(({ work }) => work.type === "remove");
	}

	/** What the session is to be told next. */
	head(session: string): QueuedWork | undefined {
		const select = "SELECT id, json, attempts, next_at FROM work WHERE session = ? ORDER BY id LIMIT 1";
		return this.#sql.exec<Row>(select, session).toArray().map(read)[0];
	}

	/** The first item of each session, where it is due. */
	due(now: number, limit: number): QueuedWork[] {
		const select = `SELECT id, json, attempts, next_at FROM work AS head
			WHERE next_at <= ? AND NOT EXISTS (SELECT 1 FROM work WHERE session = head.session AND id < head.id)
			ORDER BY next_at LIMIT ?`;
		return this.#sql.exec<Row>(select, now, limit).toArray().map(read);
	}

	/** When something is due next; `undefined` when nothing is left. */
	nextAt(): number | undefined {
		const select = `SELECT min(next_at) AS at FROM work AS head
			WHERE NOT EXISTS (SELECT 1 FROM work WHERE session = head.session AND id < head.id)`;
		return this.#sql.exec<{ at: number | null }>(select).one().at ?? undefined;
	}

	done(item: QueuedWork): void {
		this.#remove(item.work.session, item.id);
	}

	/** Does nothing when the item was withdrawn in the meantime. */
	retry(item: QueuedWork, nextAt: number): void {
		const update = "UPDATE work SET attempts = ?, next_at = ? WHERE session = ? AND id = ?";
		this.#sql.exec(update, item.attempts + 1, nextAt, item.work.session, item.id);
	}

	#ofSession(session: string): QueuedWork[] {
		const select = "SELECT id, json, attempts, next_at FROM work WHERE session = ? ORDER BY id";
		return this.#sql.exec<Row>(select, session).toArray().map(read);
	}

	#remove(session: string, id: number): void {
		this.#sql.exec("DELETE FROM work WHERE session = ? AND id = ?", session, id);
	}
}

function read({ id, json, attempts, next_at }: Row): QueuedWork {
	return { id, work: JSON.parse(json), attempts, nextAt: next_at };
}

function concerns(work: Work, taskUid: string): boolean {
	return (work.type === "send" && work.uid === taskUid) || (work.type === "cancel" && work.key === taskKey(taskUid));
}
