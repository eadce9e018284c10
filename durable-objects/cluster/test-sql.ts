import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Sql } from "../store/sql.ts";
import { CLUSTER_MIGRATIONS } from "./tables.ts";

/** The tables of a cluster in a real SQLite in memory, for tests outside workerd. */
export function clusterSql(): Sql {
	const database = new DatabaseSync(":memory:");
	for (const migration of CLUSTER_MIGRATIONS) database.exec(migration);
	return {
		exec<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]) {
			// Whoever asks knows the columns, as with `ctx.storage.sql`.
			const rows = database.prepare(query).all(...(bindings as SQLInputValue[])) as Row[];
			return { toArray: () => rows };
		},
	};
}
