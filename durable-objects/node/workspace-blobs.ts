import { bytesToHex } from "@noble/hashes/utils.js";
import type * as z from "zod";
import {
	BLOB_LIMIT_BYTES,
	BLOBS_UNDER_WAY,
	type BlobHeader,
	type checkpointFrames,
	decodeBlob,
	encodeBlob,
} from "../../containers/node/checkpoint/protocol.ts";
import { PROTOCOL_VERSION, type ToNode } from "../../containers/node/protocol.ts";
import type { Sql } from "../session/journal.ts";
import { within } from "../time-limit.ts";
import type { BlobStore } from "../workspace/blob-store.ts";
import { workspaceKey } from "../workspace/keys.ts";
import { lazyTables } from "./lazy-tables.ts";

export interface WorkspaceBlobsPorts {
	sql: Sql;
	cluster: string;
	/** Absent: this deployment keeps no workspaces. */
	store: BlobStore | undefined;
	/** Of the machine whose frames these are. */
	incarnation(): number | undefined;
	/** To that machine; what cannot be sent is asked for again. */
	send(frame: ToNode | Uint8Array<ArrayBuffer>): boolean;
}

/** A store that is silent for longer must not keep others from being asked. */
const ANSWER_MS = 60_000;

type BlobGet = z.infer<typeof checkpointFrames.get>;

/** `final`: asking again changes nothing. */
class Refused extends Error {
	readonly final: boolean;

	constructor(final: boolean, message: string) {
		super(message);
		this.final = final;
	}
}

/**
 * Keeps and gives back the workspaces of the sessions that a machine was given, and no others: a machine is only as good as
 * whoever runs it. Answers every frame; a frame that is repeated is answered again.
 */
export class WorkspaceBlobs {
	readonly #ports: WorkspaceBlobsPorts;
	readonly #sql: Sql;
	#underWay = 0;

	constructor(ports: WorkspaceBlobsPorts) {
		this.#ports = ports;
		this.#sql = lazyTables(ports.sql, {
			workspaces: "(workspace TEXT PRIMARY KEY, session TEXT NOT NULL, incarnation INTEGER NOT NULL) WITHOUT ROWID",
		});
	}

	/** The session was given this machine: before anything of it is sent there. */
	allow(session: string, workspace: string, incarnation: number): void {
		if (this.#allowed(session, workspace, incarnation)) return;
		this.#sql.exec("DELETE FROM workspaces WHERE incarnation < ?", incarnation);
		this.#sql.exec("INSERT OR REPLACE INTO workspaces VALUES (?, ?, ?)", workspace, session, incarnation);
	}

	/** The session is deleted. */
	forget(workspace: string): void {
		this.#sql.exec("DELETE FROM workspaces WHERE workspace = ?", workspace);
	}

	/** A binary frame whose first byte is {@link BLOB_FRAME}. */
	async put(message: Uint8Array): Promise<void> {
		const decoded = decodeBlob(message);
		// Of a shape that this side does not know, and with no id to answer.
		if (decoded?.header.type !== "blob-put") return;
		const { header } = decoded;
		await this.#answer(header, async (store, key) => {
			const size = decoded.bytes.byteLength;
			if (size > BLOB_LIMIT_BYTES) throw new Refused(true, `A stored thing has at most ${BLOB_LIMIT_BYTES} bytes, and this has ${size}.`);
			const bytes = new Uint8Array(decoded.bytes);
			const hash = await sha256(bytes);
			if (hash !== header.name) throw new Refused(true, `The bytes that came as ${header.name} have the SHA-256 ${hash}.`);
			await store.put(key, bytes);
			// The session was deleted meanwhile, and what it had in the store with it.
			if (!this.#mayHave(header)) await store.delete([key]);
			return { v: PROTOCOL_VERSION, type: "blob-stored", id: header.id, incarnation: header.incarnation };
		});
	}

	async get(frame: BlobGet): Promise<void> {
		await this.#answer(frame, async (store, key) => {
			const bytes = await store.get(key);
			const what = `${frame.kind} ${frame.name} of the workspace ${frame.workspace}`;
			if (!bytes) throw new Refused(true, `The store has no ${what}.`);
			if ((await sha256(bytes)) !== frame.name) throw new Refused(true, `The ${what} was damaged in the store.`);
			const { id, incarnation, session, workspace, kind, name } = frame;
			return encodeBlob({ v: PROTOCOL_VERSION, type: "blob", id, incarnation, session, workspace, kind, name }, bytes);
		});
	}

	async #answer(
		header: BlobHeader | BlobGet,
		work: (store: BlobStore, key: string) => Promise<ToNode | Uint8Array<ArrayBuffer>>,
	): Promise<void> {
		const { id, incarnation } = header;
		try {
			this.#ports.send(await this.#admitted(header, work));
		} catch (error) {
			const final = error instanceof Refused && error.final;
			const message = error instanceof Error ? error.message : String(error);
			this.#ports.send({ v: PROTOCOL_VERSION, type: "blob-failed", id, incarnation, message, final });
		}
	}

	async #admitted<T>(header: BlobHeader | BlobGet, work: (store: BlobStore, key: string) => Promise<T>): Promise<T> {
		const { store, cluster } = this.#ports;
		if (!store) throw new Refused(true, "This deployment keeps no workspaces: it has no bucket bound as WORKSPACES.");
		if (!this.#mayHave(header))
			throw new Refused(true, `The workspace ${header.workspace} is not of a session that this machine was given.`);
		if (this.#underWay >= BLOBS_UNDER_WAY)
			throw new Refused(false, `${BLOBS_UNDER_WAY} things are under way between this machine and the store. Wait for an answer to one.`);
		const namespace = header.session.slice(0, header.session.indexOf("/"));
		const key = workspaceKey({ cluster, namespace, workspace: header.workspace }, header);
		this.#underWay++;
		try {
			return await within(ANSWER_MS, work(store, key));
		} catch (error) {
			if (error instanceof Error && "retryable" in error)
				throw new Refused(false, `The store gave no answer within ${ANSWER_MS / 1000} s.`);
			throw error;
		} finally {
			this.#underWay--;
		}
	}

	#mayHave({ session, workspace, incarnation }: BlobHeader | BlobGet): boolean {
		return incarnation === this.#ports.incarnation() && this.#allowed(session, workspace, incarnation);
	}

	#allowed(session: string, workspace: string, incarnation: number): boolean {
		const query = "SELECT 1 FROM workspaces WHERE workspace = ? AND session = ? AND incarnation = ?";
		return this.#sql.exec(query, workspace, session, incarnation).toArray().length > 0;
	}
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
	return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
