import type { BlobKind } from "./protocol.ts";

/** The store of one workspace, as whoever checkpoints or restores it sees it. What fails is tried again behind it. */
export interface BlobClient {
	/**
	 * Resolves with the name once it is stored for good.
	 *
	 * @throws BlobError when trying again changes nothing; whatever the caller's signal was aborted with
	 */
	put(kind: BlobKind, bytes: Uint8Array): Promise<string>;
	/** @throws like {@link BlobClient.put}; what it returns has the SHA-256 that its name says */
	get(kind: BlobKind, name: string): Promise<Uint8Array>;
}

/** The store did not do what it was asked. `message` is a sentence. */
export class BlobError extends Error {
	override readonly name = "BlobError";
	/** Asking again changes nothing. */
	readonly final: boolean;

	constructor(message: string, final: boolean) {
		super(message);
		this.final = final;
	}
}
