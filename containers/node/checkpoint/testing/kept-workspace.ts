import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { restore } from "../restore.ts";
import { type Taken, takeCheckpoint } from "../take-checkpoint.ts";
import { emptyIndex, loadIndex, saveIndex, type WorkspaceIndex } from "../workspace-index.ts";
import { MemoryBlobs } from "./memory-blobs.ts";

/** A workspace on a machine of its own, with an index that is read from the disk each time. */
export class KeptWorkspace {
	readonly root: string;
	readonly blobs: MemoryBlobs;
	readonly #path: string;
	/** Of the last checkpoint that was stored or restored. */
	head: string | undefined;

	constructor(blobs = new MemoryBlobs()) {
		const dir = temporaryDirectory();
		this.root = join(dir, "w");
		this.blobs = blobs;
		this.#path = join(dir, "index.json");
		mkdirSync(this.root);
	}

	get index(): WorkspaceIndex {
		return loadIndex(this.#path) ?? emptyIndex(1);
	}

	async checkpoint(limitBytes = 2 ** 40): Promise<Taken> {
		const { root, blobs, index, head } = this;
		const taken = await takeCheckpoint({ root, index, known: head, limitBytes, blobs, now: Date.now });
		if (taken.state === "over") return taken;
		saveIndex(this.#path, taken.index);
		this.head = taken.checkpoint?.name;
		return taken;
	}

	/** Name of the checkpoint of what is there now. */
	async keep(): Promise<string> {
		await this.checkpoint();
		return this.head ?? Promise.reject(new Error("there is no checkpoint"));
	}

	async restore(checkpoint: string | undefined): Promise<void> {
		const { root, blobs, index } = this;
		const restored = await restore({ root, index, checkpoint, blobs, begin: () => undefined, now: Date.now });
		saveIndex(this.#path, { ...restored, epoch: 1 });
		this.head = checkpoint;
	}
}
