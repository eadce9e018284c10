import { type Answer, failure, refuse } from "../../src/api/status.ts";
import { isNodeSecret, isSameHash, newNodeSecret, nodeSecretHash } from "../../src/api/tokens/node-secret.ts";
import type { Sql } from "../session/journal.ts";

export interface NodeCredentialOptions {
	sql: Sql;
	/** Of the node. */
	name: string;
	/** So many random bytes. */
	bytes(length: number): Uint8Array;
	/** Milliseconds since the epoch. */
	now(): number;
}

/** For how long a name is kept for a machine that has joined and not dialled in yet. */
const KEPT_MS = 60_000;
/** So many credentials of deleted nodes of one name are remembered. */
const DELETED = 100;

/**
 * What a machine shows to open its node's link: one credential for a node, kept as its SHA-256. Whoever guesses writes
 * nothing: the table is made by the first machine that joins.
 */
export class NodeCredential {
	readonly #options: NodeCredentialOptions;
	#exists: boolean;

	constructor(options: NodeCredentialOptions) {
		this.#options = options;
		this.#exists = hasTable(options.sql, "credential");
	}

	/**
	 * A new credential for the machine, which voids the one before. The name belongs to the first machine that dials in until
	 * the node is deleted; any other is refused, and changes nothing. A uid can be read by everybody who reads nodes, so a
	 * machine that was given a credential and has used it shows that.
	 *
	 * @param owner uid of the machine that has dialled in as this node, if there is one
	 * @param shown the credential that the machine has
	 */
	join(uid: string, owner: string | undefined, shown?: string): Answer<{ credential: string }> {
		const { sql, name, bytes, now } = this.#options;
		const row = this.#row();
		const fresh = row !== undefined && now() - row.at < KEPT_MS;
		// A machine that never dials in is no node that could be deleted, so it does not keep the name for ever.
		const keeper = owner ?? (fresh ? row.uid : undefined);
		if (keeper !== undefined && keeper !== uid) return refuse(failure("Conflict", nameTaken(name)));
		// The answer with a new credential may have been lost. A machine from before there were credentials has none to show.
		const mayAskAgain = owner === undefined || row === undefined || (fresh && !row.used);
		if (!mayAskAgain && !(shown !== undefined && isSameHash(row.hash, nodeSecretHash(shown))))
			return refuse(failure("Conflict", notShown(name)));
		const credential = newNodeSecret("klaw-node", bytes);
		if (!this.#exists) sql.exec("CREATE TABLE credential (uid TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL)");
		this.#exists = true;
		sql.exec("DELETE FROM credential");
		sql.exec("INSERT INTO credential (uid, hash, at) VALUES (?, ?, ?)", uid, nodeSecretHash(credential), now());
		return { ok: true, value: { credential } };
	}

	/** Whether the header `Authorization` of a request bears it. */
	opens(authorization: string | null): boolean {
		const secret = secretOf(authorization);
		if (secret === undefined) return false;
		const row = this.#row();
		if (!row || !isSameHash(row.hash, nodeSecretHash(secret))) return false;
		if (!row.used) this.#options.sql.exec("UPDATE credential SET at = -at");
		return true;
	}

	/** The machine that it was given to. */
	uid(): string | undefined {
		return this.#row()?.uid;
	}

	/** Void at once, because the node is deleted: the name is free again. */
	revoke(): void {
		const { sql } = this.#options;
		const row = this.#row();
		if (!row) return;
		sql.exec("CREATE TABLE IF NOT EXISTS deleted (id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL)");
		sql.exec("INSERT INTO deleted (hash) VALUES (?)", row.hash);
		sql.exec("DELETE FROM deleted WHERE id <= (SELECT MAX(id) FROM deleted) - ?", DELETED);
		sql.exec("DELETE FROM credential");
	}

	/**
	 * Whether the header bears a credential that was this node's until that was deleted. Its machine ends then; any other that is
	 * refused tries again, since it may have come to a wrong server.
	 */
	wasDeleted(authorization: string | null): boolean {
		const { sql } = this.#options;
		const secret = secretOf(authorization);
		if (secret === undefined || !hasTable(sql, "deleted")) return false;
		return sql.exec("SELECT 1 FROM deleted WHERE hash = ?", nodeSecretHash(secret)).toArray().length > 0;
	}

	/** `at` is when it was given; it is kept as a negative number once the credential was used. */
	#row(): { uid: string; hash: string; at: number; used: boolean } | undefined {
		if (!this.#exists) return undefined;
		const [row] = this.#options.sql.exec("SELECT uid, hash, at FROM credential").toArray();
		return row && { uid: String(row.uid), hash: String(row.hash), at: Math.abs(Number(row.at)), used: Number(row.at) < 0 };
	}
}

/** For a machine whose name is another's. */
export function nameTaken(name: string): string {
	return `Another machine has joined as node "${name}" already. Choose another name with --name, or remove that one first, also if it was this machine before it lost its data directory: klaw delete node ${name}`;
}

/** For a machine that says to be one that has joined. */
function notShown(name: string): string {
	return `This machine has joined as node "${name}" already, and did not show the credential that it got then. If it has lost that, delete the node first: klaw delete node ${name}`;
}

function hasTable(sql: Sql, name: string): boolean {
	return sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name).toArray().length > 0;
}

function secretOf(authorization: string | null): string | undefined {
	const secret = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
	return secret !== undefined && isNodeSecret("klaw-node", secret) ? secret : undefined;
}

/**
 * What the link answers to whoever does not have its credential.
 *
 * @param deleted what was shown was the node's until that was deleted: only then does a machine give its credential up
 */
export function noCredential(name: string, deleted: boolean): Response {
	const message = `This is not the credential of node "${name}": the node was deleted, or has joined anew. Join with a join token: klaw node token create, then klaw node join URL --token-file FILE`;
	const gone = { name, kind: "nodes", causes: [{ reason: "NodeDeleted" as const, field: "", message: `The node ${name} was deleted.` }] };
	return Response.json(failure("Unauthorized", message, deleted ? gone : undefined), {
		status: 401,
		headers: { "WWW-Authenticate": 'Bearer realm="klaw"' },
	});
}
