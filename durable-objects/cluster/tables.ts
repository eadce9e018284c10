import { CHANGES, RESOURCES } from "../store/tables.ts";

/** Tables of a cluster. Migrations are appended, never changed. A cluster that is not there has none. */
export const CLUSTER_MIGRATIONS: readonly string[] = [
	`
	${RESOURCES}
	${CHANGES}

	CREATE TABLE signing_keys (
		kid TEXT PRIMARY KEY,
		created_at INTEGER NOT NULL,
		public TEXT NOT NULL,
		private TEXT
	) WITHOUT ROWID;

	CREATE TABLE namespace_keys (
		namespace TEXT PRIMARY KEY,
		key BLOB NOT NULL
	) WITHOUT ROWID;

	CREATE TABLE followers (
		namespace TEXT PRIMARY KEY
	) WITHOUT ROWID;

	CREATE TABLE deliveries (
		what TEXT NOT NULL,
		name TEXT NOT NULL,
		stamp INTEGER NOT NULL,
		attempts INTEGER NOT NULL,
		next_at INTEGER NOT NULL,
		PRIMARY KEY (what, name)
	) WITHOUT ROWID;
	`,
];
