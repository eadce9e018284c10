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

/**
 * What a machine shows to open its node's link: one credential for a node, kept as its SHA-256. Whoever guesses writes
 * nothing: the table is made by the first machine that joins.
 */
export class NodeCredential {
	readonly #options: NodeCredentialOptions;
	#exists: boolean;

	constructor(options: NodeCredentialOptions) {
		this.#options = options;
		this.#exists = options.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'credential'").toArray().length > 0;
	}

	/**
	 * A new credential for the machine, which voids the one before. The name belongs to the first machine that dials in until
	 * the node is deleted; any other is refused, and changes nothing.
	 *
	 * @param owner uid of the machine that has dialled in as this node, if there is one
	 */
	join(uid: string, owner: string | undefined): Answer<{ credential: string }> {
		const { sql, name, bytes, now } = this.#options;
		const row = this.#row();
		// A machine that never dials in is no node that could be deleted, so it does not keep the name for ever.
		const keeper = owner ?? (row && now() - row.at < KEPT_MS ? row.uid : undefined);
		if (keeper !== undefined && keeper !== uid) return refuse(failure("Conflict", nameTaken(name)));
		const credential = newNodeSecret("klaw-node", bytes);
		if (!this.#exists) sql.exec("CREATE TABLE credential (uid TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL)");
		this.#exists = true;
		this.revoke();
		sql.exec("INSERT INTO credential (uid, hash, at) VALUES (?, ?, ?)", uid, nodeSecretHash(credential), now());
		return { ok: true, value: { credential } };
	}

	/** Whether the header `Authorization` of a request bears it. */
	opens(authorization: string | null): boolean {
		const secret = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
		if (secret === undefined || !isNodeSecret("klaw-node", secret)) return false;
		const hash = this.#row()?.hash;
		return hash !== undefined && isSameHash(hash, nodeSecretHash(secret));
	}

	/** The machine that it was given to. */
	uid(): string | undefined {
		return this.#row()?.uid;
	}

	/** Void at once: the name is free again. */
	revoke(): void {
		if (this.#row()) this.#options.sql.exec("DELETE FROM credential");
	}

	#row(): { uid: string; hash: string; at: number } | undefined {
		if (!this.#exists) return undefined;
		const [row] = this.#options.sql.exec("SELECT uid, hash, at FROM credential").toArray();
		return row && { uid: String(row.uid), hash: String(row.hash), at: Number(row.at) };
	}
}

/** For a machine whose name is another's. */
export function nameTaken(name: string): string {
	return `Another machine has joined as node "${name}" already. Choose another name with --name, or remove that one first: klaw delete node ${name}`;
}

/** What the link answers to whoever does not have its credential. */
export function noCredential(name: string): Response {
	const message = `This is not the credential of node "${name}": the node was deleted, or has joined anew. Join with a join token: klaw node token create, then klaw node join URL --token-file FILE`;
	return Response.json(failure("Unauthorized", message), { status: 401, headers: { "WWW-Authenticate": 'Bearer realm="klaw"' } });
}
