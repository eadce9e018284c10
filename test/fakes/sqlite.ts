import { DatabaseSync } from "node:sqlite";
import { Journal, type Sql } from "../../durable-objects/session/journal.ts";

/** Real SQLite with the interface of `ctx.storage.sql`, for cores that are tested outside workerd. */
export function memorySql(): Sql {
	const database = new DatabaseSync(":memory:");
	return {
		exec(query, ...bindings) {
			const rows = database.prepare(query).all(...bindings);
			return { toArray: () => rows };
		},
	};
}

/** A journal over such a database, whose writes are kept all together or not at all. */
export function journalOver(sql: Sql): Journal {
	return new Journal(sql, (write) => {
		sql.exec("SAVEPOINT together");
		try {
			write();
			sql.exec("RELEASE together");
		} catch (error) {
			sql.exec("ROLLBACK TO together");
			sql.exec("RELEASE together");
			throw error;
		}
	});
}
