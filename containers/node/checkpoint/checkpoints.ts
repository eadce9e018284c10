import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { explainError } from "../explain-error.ts";
import { ToolError } from "../tools/node-tool.ts";
import { type BlobClient, BlobError } from "./blob-client.ts";
import { shownName } from "./ceiling.ts";
import type { BlobUser } from "./link-blobs.ts";
import type { Checkpoint, Unkept, WorkspaceState } from "./protocol.ts";
import { restore } from "./restore.ts";
import { takeCheckpoint } from "./take-checkpoint.ts";
import { Turns } from "./turns.ts";
import { emptyIndex, loadIndex, saveIndex, type WorkspaceIndex } from "./workspace-index.ts";

export interface CheckpointsOptions {
	/** Where the indexes are: outside of every workspace. Made when the first is written. */
	dir: string;
	blobs(user: BlobUser): BlobClient;
	/** Ends what runs in a workspace, by its real path. */
	quiet(root: string): Promise<void>;
	/** Milliseconds since the epoch. */
	now(): number;
	log(line: string): void;
}

/** A workspace and what its session says of it. */
export interface WorkspaceUse extends BlobUser {
	/** Real path. */
	root: string;
	state: WorkspaceState;
}

/** What the result of a call says of the workspace. */
export interface Kept {
	checkpoint?: Checkpoint;
	/** The workspace has changes that are in no checkpoint. */
	uncheckpointed?: boolean;
	/** Why it has them. */
	unkept?: Unkept;
	/** Sentences for the model. */
	remark?: string;
}

/**
 * The store collects what no session has heard of after ten minutes. Past half of that it is not relied on any more.
 *
 * @see durable-objects/workspace/collect.ts
 */
const UNHEARD_MS = 300_000;

/** Makes workspaces what their sessions say, and keeps what calls make of them. One thing at a time in each. */
export class Checkpoints {
	readonly #options: CheckpointsOptions;
	readonly #turns = new Turns();
	/** Epochs of the workspaces that were asked for since the start: an index takes its time to be read. */
	readonly #epochs = new Map<string, number>();
	#order = 0;

	constructor(options: CheckpointsOptions) {
		this.#options = options;
	}

	/**
	 * Before anything runs in a workspace: makes it what the state says, which is nothing to do for as long as the epoch
	 * stays the same.
	 *
	 * @throws ToolError when that cannot be done; whatever the signal was aborted with
	 */
	async ensure(use: WorkspaceUse): Promise<void> {
		const { state, workspace } = use;
		// Not in its turn: one that waits for the store does not hold up what has nothing to do.
		if (!state.checkpoints || this.#epochs.get(workspace) === state.epoch) return;
		await this.#turns.take(use, async (turn) => {
			try {
				await this.#ensure({ ...use, ...turn });
			} catch (error) {
				use.signal.throwIfAborted();
				const why = explain(error);
				this.#options.log(`The workspace ${workspace} could not be restored. ${why}`);
				throw new ToolError(`Nothing was run, because the files of this session could not be restored. ${why}`);
			}
		});
	}

	/**
	 * After something ran: puts what changed into the store.
	 *
	 * @throws whatever the signal was aborted with
	 */
	async checkpoint(use: WorkspaceUse): Promise<Kept> {
		if (!use.state.checkpoints) return {};
		return this.#turns.take(use, (turn) => this.#checkpoint({ ...use, ...turn }));
	}

	/** The workspace is gone. */
	async forget(workspace: string): Promise<void> {
		this.#epochs.delete(workspace);
		await this.#turns.after(workspace, () => rm(this.#path(workspace), { force: true }));
	}

	async #ensure(use: WorkspaceUse): Promise<void> {
		const { root, workspace, state } = use;
		const { blobs, quiet, now } = this.#options;
		const loaded = this.#load(workspace);
		const known = typeof loaded === "string" ? undefined : loaded;
		const found = state.here && (await readdir(root)).length > 0;
		if (!known && (found || (loaded === "none" && state.checkpoint === undefined))) {
			// Nothing is remembered of what is here, which is from before there were checkpoints, or the only copy.
			this.#save(workspace, emptyIndex(state.epoch));
		} else if (known?.epoch !== state.epoch) {
			const index = await restore({
				...{ root, index: known, checkpoint: state.checkpoint, blobs: blobs(use), now },
				begin: async () => {
					this.#epochs.delete(workspace);
					await quiet(root);
					// Whoever finds it so knows that a restore was cut.
					this.#save(workspace, { ...(known ?? emptyIndex(undefined)), epoch: undefined });
				},
			});
			this.#save(workspace, { ...index, epoch: state.epoch, order: known?.order });
		}
		this.#epochs.set(workspace, state.epoch);
	}

	async #checkpoint(use: WorkspaceUse): Promise<Kept> {
		const { workspace, state, root } = use;
		const loaded = this.#load(workspace);
		const index = this.#trusted(typeof loaded === "string" ? emptyIndex(this.#epochs.get(workspace)) : loaded, state);
		// The files are those of another epoch by now: what this call left is gone.
		if (index.epoch !== state.epoch) return {};
		const { blobs, now } = this.#options;
		try {
			const { limitBytes, checkpoint: known, here: wanted = false } = state;
			const taken = await takeCheckpoint({ root, index, known, wanted, limitBytes, blobs: blobs(use), now, signal: use.signal });
			if (taken.state === "over") {
				this.#fallBehind(workspace, index);
				// Whatever is left out of the list of what is not kept may be why.
				const remark = lines(taken.message, taken.ignoreProblem?.message);
				return { uncheckpointed: true, unkept: { reason: "OverCeiling", message: taken.message }, remark };
			}
			// The session may have missed the one before, and for as long as it does not know that all is well it waits to hear so.
			const isNews = taken.checkpoint?.name !== state.checkpoint || index.behind || state.here;
			const order = isNews && taken.checkpoint ? this.#nextOrder(index) : index.order;
			const toldOf = taken.ignoreProblem?.of;
			const isTold = toldOf === index.toldOf;
			if (taken.changed || index.behind || order !== index.order || !isTold) this.#tryToSave(workspace, { ...taken.index, order, toldOf });
			const checkpoint = isNews && taken.checkpoint ? { ...taken.checkpoint, order } : undefined;
			const remark = lines(remarkOn(taken.unreadable), isTold ? undefined : taken.ignoreProblem?.message);
			return { checkpoint, ...(remark !== "" && { remark }) };
		} catch (error) {
			this.#fallBehind(workspace, index);
			use.signal.throwIfAborted();
			const message = `The workspace could not be checkpointed; the last checkpoint stands. ${explain(error)}`;
			const reason = error instanceof BlobError ? "StoreFailed" : "WorkspaceNotReadable";
			return { uncheckpointed: true, unkept: { reason, message }, remark: message };
		}
	}

	/**
	 * By the clock, so that a workspace goes on where another machine's was, and after the last one, so that a clock which is
	 * set back makes nothing look older.
	 */
	#nextOrder({ order = 0 }: WorkspaceIndex): number {
		this.#order = Math.max(this.#options.now(), this.#order + 1, order + 1);
		return this.#order;
	}

	/** What is stored may be gone when the session never heard of it: then everything is stored anew. */
	#trusted(index: WorkspaceIndex, state: WorkspaceState): WorkspaceIndex {
		const { head, storedAt, behind } = index;
		if (head?.name === state.checkpoint || this.#options.now() - storedAt < UNHEARD_MS) return index;
		return { ...emptyIndex(index.epoch), order: index.order, behind };
	}

	#load(workspace: string): WorkspaceIndex | "none" | "damaged" {
		try {
			return loadIndex(this.#path(workspace)) ?? "none";
		} catch (error) {
			this.#options.log(`The index of workspace ${workspace} is damaged: its files are restored, unless they are nowhere else. ${error}`);
			return "damaged";
		}
	}

	#fallBehind(workspace: string, index: WorkspaceIndex): void {
		if (!index.behind) this.#tryToSave(workspace, { ...index, behind: true });
	}

	/** Without it only work is done again. */
	#tryToSave(workspace: string, index: WorkspaceIndex): void {
		try {
			this.#save(workspace, index);
		} catch (error) {
			this.#options.log(`The index of workspace ${workspace} could not be kept. ${explainError(error, "the index")}`);
		}
	}

	#save(workspace: string, index: WorkspaceIndex): void {
		saveIndex(this.#path(workspace), index);
	}

	#path(workspace: string): string {
		return join(this.#options.dir, `${workspace}.json`);
	}
}

function explain(error: unknown): string {
	return error instanceof BlobError ? error.message : explainError(error, "the files of the workspace");
}

const NAMED = 3;

function remarkOn(unreadable: readonly string[]): string | undefined {
	if (unreadable.length === 0) return undefined;
	const names = unreadable.slice(0, NAMED).map(shownName).join(", ");
	const more = unreadable.length > NAMED ? ` and ${unreadable.length - NAMED} more` : "";
	return `Not in the checkpoint, because the node may not read it: ${names}${more}. Change its mode to keep it.`;
}

function lines(...remarks: (string | undefined)[]): string {
	return remarks.filter((remark) => remark !== undefined).join("\n");
}
