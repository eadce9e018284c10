import { type Answer, alreadyExists, failure, refuse } from "../../src/api/status.ts";
import { newNodeSecret, nodeSecretHash } from "../../src/api/tokens/node-secret.ts";
import { generateName } from "../../src/resources/name.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { type NodeJoinTokenSpec, nodeJoinTokenKind } from "../../src/resources/virtual/node-join-token.ts";
import type { Sql } from "../session/journal.ts";

const AGAIN = "Make a new one: klaw node token create";
/** What whoever shows a token is told that is not known, and what a stranger is told of a cluster that is not there. */
export const UNKNOWN_JOIN_TOKEN = `The join token is unknown here: it was deleted, expired more than a day ago, or is of another cluster. ${AGAIN}`;
/** For so long a token that has expired is kept, in milliseconds, to tell whoever shows it just that. */
const REMEMBERED_MS = 86_400_000;

/** A join token as it is kept: all but the token. */
export interface JoinToken extends NodeJoinTokenSpec {
	name: string;
	uid: string;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	/** Whoever made it. */
	createdBy: string;
	/** Milliseconds since the epoch. */
	createdAt: number;
	expiresAt: number;
	/** The uids of the machines that joined with it; counted only where {@link NodeJoinTokenSpec.uses} limits them. */
	machines: string[];
}

/** What a token is to be. Without a `name` it gets one that begins with `generateName`. */
export interface NewJoinToken extends Pick<JoinToken, "labels" | "annotations" | "createdBy"> {
	name?: string;
	generateName: string;
	spec: NodeJoinTokenSpec;
}

export interface Joining {
	/** The name that the node is to have. */
	node: string;
	/** Of the machine. */
	uid: string;
}

export interface JoinTokensOptions {
	sql: Sql;
	/** Milliseconds since the epoch. */
	now(): number;
	/** So many random bytes. */
	bytes(length: number): Uint8Array;
	/** From 0 to 1; for names, which are no secrets. */
	random(): number;
	uid(): string;
}

/**
 * The tokens with which machines join: 256 random bits each, kept as their SHA-256, which is enough because nobody can try
 * so many. Whoever guesses writes nothing: the table is made with the first token, and a token that ended long ago is dropped
 * by whoever looks next.
 */
export class JoinTokens {
	readonly #options: JoinTokensOptions;
	#exists: boolean;

	constructor(options: JoinTokensOptions) {
		this.#options = options;
		this.#exists = options.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'join_tokens'").toArray().length > 0;
	}

	/** The token is in the answer and nowhere else. */
	create({ name: given, generateName: stem, spec, ...rest }: NewJoinToken): Answer<{ token: string; record: JoinToken }> {
		const { now, bytes, random, uid } = this.#options;
		this.#dropOld();
		const name = given ?? generateName(stem, random);
		if (this.get(name)) return refuse(alreadyExists(nodeJoinTokenKind, name));
		const token = newNodeSecret("klaw-join", bytes);
		const createdAt = now();
		const expiresAt = createdAt + spec.ttlSeconds * 1000;
		const record: JoinToken = { ...spec, ...rest, name, uid: uid(), createdAt, expiresAt, machines: [] };
		this.#put(nodeSecretHash(token), record);
		return { ok: true, value: { token, record } };
	}

	/** In the order of their names. */
	list(): JoinToken[] {
		this.#dropOld();
		const now = this.#options.now();
		return this.#rows("ORDER BY name").flatMap(({ record }) => (record.expiresAt > now ? [record] : []));
	}

	get(name: string): JoinToken | undefined {
		const record = this.#rows("WHERE name = ?", name)[0]?.record;
		return record && record.expiresAt > this.#options.now() ? record : undefined;
	}

	/** Nobody joins with it any more; who has joined stays. `undefined` when there is none. */
	delete(name: string): JoinToken | undefined {
		const record = this.get(name);
		if (record) this.#options.sql.exec("DELETE FROM join_tokens WHERE name = ?", name);
		return record;
	}

	/** Whether a machine may join with this token. A machine that asks again is counted once. */
	redeem(token: string, { node, uid }: Joining): Answer<JoinToken> {
		const hash = nodeSecretHash(token);
		const [found] = this.#rows("WHERE hash = ?", hash);
		if (!found) {
			this.#dropOld();
			return unauthorized(UNKNOWN_JOIN_TOKEN);
		}
		const { record } = found;
		if (record.expiresAt <= this.#options.now()) return unauthorized(`The join token expired at ${timestamp(record.expiresAt)}. ${AGAIN}`);
		if (record.nodeName !== undefined && record.nodeName !== node) {
			const message = `The join token is for the node "${record.nodeName}", not for "${node}". Join under that name, or make another token: klaw node token create --node ${node}`;
			return refuse(failure("Forbidden", message));
		}
		if (record.uses === undefined || record.machines.includes(uid)) return { ok: true, value: record };
		if (record.machines.length >= record.uses) {
			const machines = record.uses === 1 ? "one machine has" : `${record.uses} machines have`;
			return unauthorized(`The join token is used up: ${machines} joined with it, as many as may. ${AGAIN}`);
		}
		const joined = { ...record, machines: [...record.machines, uid] };
		this.#put(hash, joined);
		return { ok: true, value: joined };
	}

	#put(hash: string, record: JoinToken): void {
		const { sql } = this.#options;
		if (!this.#exists) {
			sql.exec(
				"CREATE TABLE join_tokens (hash TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, expires INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID",
			);
			this.#exists = true;
		}
		const row = [hash, record.name, record.expiresAt, JSON.stringify(record)];
		sql.exec("INSERT OR REPLACE INTO join_tokens (hash, name, expires, record) VALUES (?, ?, ?, ?)", ...row);
	}

	#rows(where: string, ...bindings: string[]): { record: JoinToken }[] {
		if (!this.#exists) return [];
		const rows = this.#options.sql.exec(`SELECT record FROM join_tokens ${where}`, ...bindings).toArray();
		return rows.map((row) => ({ record: JSON.parse(String(row.record)) as JoinToken }));
	}

	/** Writes only when there is something to drop. */
	#dropOld(): void {
		if (!this.#exists) return;
		const { sql, now } = this.#options;
		const before = now() - REMEMBERED_MS;
		if (sql.exec("SELECT 1 FROM join_tokens WHERE expires <= ? LIMIT 1", before).toArray().length === 0) return;
		sql.exec("DELETE FROM join_tokens WHERE expires <= ?", before);
	}
}

function unauthorized(message: string): Answer<never> {
	return refuse(failure("Unauthorized", message));
}
