/**
 * The tables of a resource store, as migrations. Migrations are appended, never changed: an object that slept through
 * releases runs those that it has not seen. (`PRAGMA user_version` is refused here, so the version has its own row.)
 */
export const RESOURCES = `
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
`;

/** Change log and audit are rings: their rows are overwritten in turn, so that nothing has to be pruned. */
export const CHANGES = `
	CREATE TABLE changes (
		slot INTEGER PRIMARY KEY,
		rv INTEGER NOT NULL,
		type TEXT NOT NULL,
		plural TEXT NOT NULL,
		name TEXT NOT NULL,
		json TEXT,
		previous TEXT
	);

	CREATE TABLE owners (
		owner TEXT NOT NULL,
		plural TEXT NOT NULL,
		name TEXT NOT NULL,
		PRIMARY KEY (owner, plural, name)
	) WITHOUT ROWID;

	CREATE TABLE gone (
		uid TEXT PRIMARY KEY,
		plural TEXT NOT NULL,
		name TEXT NOT NULL,
		policy TEXT NOT NULL
	) WITHOUT ROWID;

	CREATE TABLE audit (
		slot INTEGER PRIMARY KEY,
		id INTEGER NOT NULL,
		json TEXT NOT NULL
	);
`;
