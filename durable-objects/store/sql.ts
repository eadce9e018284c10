type Value = ArrayBuffer | string | number | null;

/** What the store needs of a Durable Object's storage; a real SQLite in tests has it too. */
export interface Sql {
	exec<Row extends Record<string, Value>>(query: string, ...bindings: unknown[]): { toArray(): Row[] };
}
