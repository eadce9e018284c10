/**
 * The tables of a namespace. Migrations are appended, never changed: an object that slept through releases runs those
 * that it has not seen. (`PRAGMA user_version` is refused here, so the version has its own row.)
 */
const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE resources (
		plural TEXT NOT NULL,
		name TEXT NOT NULL,
		rv INTEGER NOT NULL,
		json TEXT NOT NULL,
		long_texts INTEGER NOT NULL,
		PRIMARY KEY (plural, name)
	) WITHOUT ROWID;

	CREATE TABLE long_texts (
		plural TEXT NOT NULL,
		name TEXT NOT NULL,
		path TEXT NOT NULL,
		part INTEGER NOT NULL,
		text TEXT NOT NULL,
		PRIMARY KEY (plural, name, path, part)
	) WITHOUT ROWID;

	CREATE INDEX sessions_by_agent ON resources (json_extract(json, '$.spec.agent')) WHERE plural = 'sessions';

	CREATE INDEX open_tasks_by_session ON resources (json_extract(json, '$.status.session'))
	WHERE plural = 'tasks' AND json_extract(json, '$.status.phase') IN ('Pending', 'Running');

	CREATE TABLE work (
		session TEXT NOT NULL,
		id INTEGER NOT NULL,
		json TEXT NOT NULL,
		attempts INTEGER NOT NULL,
		next_at INTEGER NOT NULL,
		PRIMARY KEY (session, id)
	) WITHOUT ROWID;
	`,
];

/** Brings the tables up to date. Runs in the constructor, before anything else. */
export function migrate(storage: DurableObjectStorage): void {
	const { sql } = storage;
	sql.exec("CREATE TABLE IF NOT EXISTS _meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID");
	const [row] = sql.exec<{ value: number }>("SELECT value FROM _meta WHERE key = 'schema'").toArray();
	const done = row?.value ?? 0;
	if (done >= MIGRATIONS.length) return;
	storage.transactionSync(() => {
		for (const migration of MIGRATIONS.slice(done)) sql.exec(migration);
		sql.exec("INSERT OR REPLACE INTO _meta VALUES ('schema', ?)", MIGRATIONS.length);
	});
}
