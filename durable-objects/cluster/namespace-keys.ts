import type { Sql } from "../store/sql.ts";

const KEY_BYTES = 32;

/** The keys that the secrets of each namespace are encrypted with. A key goes with its namespace, and what it encrypted with it. */
export class NamespaceKeys {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** The key of a namespace that is there, made when it is first asked for. */
	of(namespace: string): Uint8Array<ArrayBuffer> {
		const select = "SELECT key FROM namespace_keys WHERE namespace = ?";
		const [row] = this.#sql.exec<{ key: ArrayBuffer }>(select, namespace).toArray();
		if (row) return new Uint8Array(row.key);
		const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
		this.#sql.exec("INSERT INTO namespace_keys VALUES (?, ?)", namespace, key.buffer);
		return key;
	}

	forget(namespace: string): void {
		this.#sql.exec("DELETE FROM namespace_keys WHERE namespace = ?", namespace);
	}
}
