import type { Sql } from "../session/journal.ts";

/**
 * Tables that are made by the first write. An object that somebody only knocks at, under a name that they guessed, stores
 * nothing: until then reads find nothing, and deletions have nothing to delete.
 *
 * @param tables by name: their columns, as after `CREATE TABLE name`
 */
export function lazyTables(sql: Sql, tables: Readonly<Record<string, string>>): Sql {
	const names = new Set(
		sql
			.exec("SELECT name FROM sqlite_master WHERE type = 'table'")
			.toArray()
			.map(({ name }) => String(name)),
	);
	let exist = Object.keys(tables).some((name) => names.has(name));
	const create = () => {
		for (const [name, columns] of Object.entries(tables)) sql.exec(`CREATE TABLE IF NOT EXISTS ${name} ${columns}`);
		exist = true;
	};
	// Older code has made some of them, and not those that came later.
	if (exist) create();
	return {
		exec(query, ...bindings) {
			if (!exist && /^(SELECT|DELETE)\b/.test(query)) return { toArray: () => [] };
			if (!exist) create();
			return sql.exec(query, ...bindings);
		},
	};
}
