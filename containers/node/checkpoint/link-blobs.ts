import { randomUUID } from "node:crypto";
import { backoffMs } from "../backoff.ts";
import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../protocol.ts";
import type { Timing } from "../timing.ts";
import { type BlobClient, BlobError } from "./blob-client.ts";
import { BLOB_LIMIT_BYTES, BLOBS_UNDER_WAY, type BlobHeader, type BlobKind, decodeBlob, encodeBlob } from "./protocol.ts";
import { Slots } from "./slots.ts";
import { nameOf } from "./stored-bytes.ts";

/** Bytes that do not match their name are asked for again: perhaps it was the way here that damaged them. */
const DAMAGED_TRIES = 3;

/**
 * Things larger than this, two of which are put at once: what is on its way stands before everything else that the node says.
 */
const LARGE_BYTES = BLOB_LIMIT_BYTES / 8;
const LARGE_UNDER_WAY = 2;

export interface LinkBlobsOptions {
	/** Sends if there is a connection; what is lost is sent again. */
	send(frame: ToServer): void;
	sendData(frame: Uint8Array): void;
	/** As of the last `welcome`. */
	incarnation(): number;
	timing: Pick<Timing, "blobAnswerMs" | "blobRetryFirstMs" | "blobRetryMaxMs">;
	/** From 0 to 1. */
	random(): number;
}

/** For whom something is stored or fetched. */
export interface BlobUser {
	/** `namespace/name` */
	session: string;
	workspace: string;
	/** Aborted when nobody wants it any more; what it is aborted with is thrown. */
	signal: AbortSignal;
	/** Is told of each failure that is tried again. */
	failed(message: string): void;
}

/** A question that the server has not answered. */
interface Open {
	send(): void;
	answer(bytes: Uint8Array): void;
	fail(error: BlobError): void;
}

type Answer = Extract<ToNode, { type: "blob-stored" | "blob-failed" }>;

export function isBlobAnswer(frame: ToNode): frame is Answer {
	return frame.type === "blob-stored" || frame.type === "blob-failed";
}

/** The cluster's store, reached over the link of the node. What fails is tried again for as long as it is wanted. */
export class LinkBlobs {
	readonly #options: LinkBlobsOptions;
	readonly #open = new Map<string, Open>();
	readonly #slots = new Slots(BLOBS_UNDER_WAY);
	readonly #large = new Slots(LARGE_UNDER_WAY);
	/** End the waits before the next try. */
	readonly #pauses = new Set<() => void>();

	constructor(options: LinkBlobsOptions) {
		this.#options = options;
	}

	client(user: BlobUser): BlobClient {
		return {
			put: async (kind, bytes) => {
				const name = nameOf(bytes);
				if (bytes.byteLength > BLOB_LIMIT_BYTES)
					throw new BlobError(`The ${kind} ${name} has ${bytes.byteLength} bytes, more than can be stored.`, true);
				const ask = () => this.#ask(user, "blob-put", { kind, name }, bytes);
				await this.#insist(user, ask, bytes.byteLength > LARGE_BYTES);
				return name;
			},
			get: (kind, name) => this.#insist(user, (tried) => this.#get(user, { kind, name }, tried)),
		};
	}

	/** There is a connection again: what was on its way may be lost. */
	connected(): void {
		for (const open of this.#open.values()) open.send();
		for (const end of this.#pauses) end();
	}

	receive(frame: Answer): void {
		const open = this.#open.get(frame.id);
		if (frame.type === "blob-stored") open?.answer(new Uint8Array());
		else open?.fail(new BlobError(frame.message, frame.final));
	}

	/** A binary frame that begins with `BLOB_FRAME`. */
	receiveData(frame: Uint8Array): void {
		const data = decodeBlob(frame);
		if (data?.header.type === "blob") this.#open.get(data.header.id)?.answer(data.bytes);
	}

	async #get(user: BlobUser, about: { kind: BlobKind; name: string }, tried: number): Promise<Uint8Array> {
		const bytes = await this.#ask(user, "blob-get", about, undefined);
		if (nameOf(bytes) === about.name) return bytes;
		throw new BlobError(`The ${about.kind} ${about.name} is damaged: its bytes do not match its name.`, tried + 1 >= DAMAGED_TRIES);
	}

	async #insist<T>(user: BlobUser, attempt: (tried: number) => Promise<T>, large = false): Promise<T> {
		const { blobRetryFirstMs, blobRetryMaxMs } = this.#options.timing;
		for (let tried = 0; ; tried++) {
			try {
				const act = () => this.#slots.use(user.signal, () => attempt(tried));
				return await (large ? this.#large.use(user.signal, act) : act());
			} catch (error) {
				if (!(error instanceof BlobError) || error.final) throw error;
				user.failed(error.message);
				await this.#pause(backoffMs(tried, blobRetryFirstMs, blobRetryMaxMs, this.#options.random), user.signal);
			}
		}
	}

	/** Asks once. */
	#ask(
		{ session, workspace, signal }: BlobUser,
		type: "blob-put" | "blob-get",
		about: { kind: BlobKind; name: string },
		bytes: Uint8Array | undefined,
	): Promise<Uint8Array> {
		const id = randomUUID();
		const { send, sendData, incarnation, timing } = this.#options;
		return new Promise<Uint8Array>((resolve, reject) => {
			const end = () => {
				clearTimeout(timer);
				signal.removeEventListener("abort", stop);
				this.#open.delete(id);
			};
			const stop = () => {
				end();
				reject(signal.reason);
			};
			const open: Open = {
				send: () => {
					timer.refresh();
					const head = { v: PROTOCOL_VERSION, id, incarnation: incarnation(), session, workspace, ...about };
					if (type === "blob-get") send({ ...head, type });
					else sendData(encodeBlob({ ...head, type } satisfies BlobHeader, bytes ?? new Uint8Array()));
				},
				answer: (answer) => {
					end();
					resolve(answer);
				},
				fail: (error) => {
					end();
					reject(error);
				},
			};
			const silent = new BlobError(`The server did not answer for ${timing.blobAnswerMs / 1000} s.`, false);
			const timer = setTimeout(() => open.fail(silent), timing.blobAnswerMs);
			signal.addEventListener("abort", stop, { once: true });
			if (signal.aborted) return stop();
			this.#open.set(id, open);
			open.send();
		});
	}

	/** @throws what the signal is aborted with */
	async #pause(ms: number, signal: AbortSignal): Promise<void> {
		await new Promise<void>((resolve) => {
			const end = () => {
				clearTimeout(timer);
				this.#pauses.delete(end);
				signal.removeEventListener("abort", end);
				resolve();
			};
			const timer = setTimeout(end, ms);
			this.#pauses.add(end);
			signal.addEventListener("abort", end, { once: true });
		});
		signal.throwIfAborted();
	}
}
