import { CHANGES, RESOURCES } from "../store/tables.ts";

/** The tables of a namespace, see `store/tables.ts`. */
export const MIGRATIONS: readonly string[] = [
	`${RESOURCES}
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
	`${CHANGES}
	CREATE INDEX agents_by_config_map ON resources (json_extract(json, '$.spec.instructions.configMapRef.name'))
	WHERE plural = 'agents' AND json_extract(json, '$.spec.instructions.configMapRef.name') IS NOT NULL;
	`,
];
