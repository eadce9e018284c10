import { DatabaseSync } from "node:sqlite";
import type { Sql } from "../../durable-objects/session/journal.ts";

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
