/** Brings the tables up to date. Runs before anything else, and writes nothing when there is nothing to do. */
export function migrate(storage: Pick<DurableObjectStorage, "sql" | "transactionSync">, migrations: readonly string[]): void {
	const { sql } = storage;
	const done = schemaVersion(sql);
	if (done >= migrations.length) return;
	storage.transactionSync(() => {
		sql.exec("CREATE TABLE IF NOT EXISTS _meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID");
		for (const migration of migrations.slice(done)) sql.exec(migration);
		sql.exec("INSERT OR REPLACE INTO _meta VALUES ('schema', ?)", migrations.length);
	});
}

/**
 * The tables of an object that may be deleted and made anew under the same name: a store that begins now counts on from
 * the time, in milliseconds. So a watch of the one that is gone is told that it is too old, and does not go on in this one
 * as if nothing had happened; nothing is written a thousand times a second for long enough to overtake the clock.
 */
export function migrateStore(
	storage: Pick<DurableObjectStorage, "sql" | "transactionSync">,
	migrations: readonly string[],
	now: number,
): void {
	const isNew = schemaVersion(storage.sql) === 0;
	migrate(storage, migrations);
	if (isNew) storage.sql.exec("INSERT INTO _meta VALUES ('version', ?)", now);
}

/** How many migrations have run; 0 for an object that holds nothing. Reads only. */
export function schemaVersion(sql: SqlStorage): number {
	const exists = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_meta'").toArray().length > 0;
	if (!exists) return 0;
	return sql.exec<{ value: number }>("SELECT value FROM _meta WHERE key = 'schema'").toArray()[0]?.value ?? 0;
}
