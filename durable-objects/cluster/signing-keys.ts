import type { JWK } from "jose";
import { newSigningKey, type PublicKey, type SigningKey } from "../../src/api/tokens/signing-key.ts";
import type { Sql } from "../store/sql.ts";

/** A key signs for this long, then the next one does. */
export const SIGNS_FOR_MS = 30 * 24 * 3_600_000;
/** The longest life of a token: so long after its successor came, a key may still be needed to verify. */
const VERIFIES_FOR_MS = 90 * 24 * 3_600_000;

type Row = { kid: string; created_at: number; public: string; private: string | null };

/** The keys that sign the tokens of a cluster. Private parts leave it only for the signing itself. */
export class SigningKeys {
	readonly #sql: Sql;
	#creating: Promise<SigningKey> | undefined;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** What tokens are verified with. Empty before the first token. */
	publicKeys(): PublicKey[] {
		return this.#rows().map((row) => JSON.parse(row.public));
	}

	/** The key to sign with, made when there is none or it has signed long enough. */
	async current(now: number): Promise<SigningKey> {
		const [newest] = this.#rows();
		if (newest?.private && now - newest.created_at < SIGNS_FOR_MS) return read(newest, newest.private);
		this.#creating ??= this.#create(now).finally(() => {
			this.#creating = undefined;
		});
		return this.#creating;
	}

	async #create(now: number): Promise<SigningKey> {
		const key = await newSigningKey();
		// Keys that no longer sign need no private part, and go when the last token that they can have signed is over.
		this.#sql.exec("DELETE FROM signing_keys WHERE created_at < ?", now - SIGNS_FOR_MS - VERIFIES_FOR_MS);
		this.#sql.exec("UPDATE signing_keys SET private = NULL");
		const [publicKey, privateKey] = [JSON.stringify(key.publicKey), JSON.stringify(key.privateKey)];
		this.#sql.exec("INSERT INTO signing_keys VALUES (?, ?, ?, ?)", key.kid, now, publicKey, privateKey);
		return key;
	}

	#rows(): Row[] {
		return this.#sql.exec<Row>("SELECT kid, created_at, public, private FROM signing_keys ORDER BY created_at DESC").toArray();
	}
}

function read({ kid, public: publicKey }: Row, privateKey: string): SigningKey {
	const key: JWK = JSON.parse(privateKey);
	return { kid, publicKey: JSON.parse(publicKey), privateKey: key };
}
