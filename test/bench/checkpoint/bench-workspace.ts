import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Checkpoints } from "../../../containers/node/checkpoint/checkpoints.ts";
import type { WorkspaceState } from "../../../containers/node/checkpoint/protocol.ts";
import { SlowStore } from "./slow-store.ts";

/** What a round trip to the store takes, in milliseconds: that of an object store in the same region. */
export const STORE_MS = 5;

const FILES_PER_DIRECTORY = 20;
const WORDS = ["const", "return", "function", "import", "await", "export", "string", "number", "value", "=>", "{", "}", ";", "\n\t"];

/** A node's workspaces on the disk, without its runtime. */
export class BenchWorkspaces {
	readonly #dir = realpathSync(mkdtempSync(join(tmpdir(), "klaw-bench-")));
	readonly #store = new SlowStore(STORE_MS);
	readonly #checkpoints = new Checkpoints({
		dir: join(this.#dir, "checkpoints"),
		blobs: () => this.#store,
		quiet: async () => undefined,
		now: Date.now,
		log: () => undefined,
	});

	remove(): void {
		rmSync(this.#dir, { recursive: true, force: true });
	}

	/** Makes it what the state says. @returns its path */
	async ensure(workspace: string, state: WorkspaceState): Promise<string> {
		const use = this.#use(workspace, state);
		mkdirSync(use.root, { recursive: true });
		await this.#checkpoints.ensure(use);
		return use.root;
	}

	/** @returns the name of the checkpoint. @throws Error when there is none */
	async checkpoint(workspace: string, state: WorkspaceState): Promise<string> {
		const { checkpoint, remark } = await this.#checkpoints.checkpoint(this.#use(workspace, state));
		if (!checkpoint) throw new Error(`There was nothing to checkpoint. ${remark ?? ""}`);
		return checkpoint.name;
	}

	#use(workspace: string, state: WorkspaceState) {
		const root = join(this.#dir, "workspaces", workspace);
		return { session: `default/${workspace}`, workspace, root, state, signal: new AbortController().signal, failed: () => undefined };
	}
}

export function benchState(epoch: number, checkpoint?: string): WorkspaceState {
	return { epoch, checkpoint, checkpoints: true, limitBytes: 2 ** 40 };
}

/** Files of text that looks like a program: it compresses as programs do. @returns their paths */
export function plantFiles(root: string, files: number, bytes: number, random: () => number): string[] {
	return Array.from({ length: files }, (_, index) => {
		const path = join(root, `src/d${Math.floor(index / FILES_PER_DIRECTORY)}/file-${index}.ts`);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, programText(bytes, random));
		return path;
	});
}

function programText(bytes: number, random: () => number): string {
	let text = "";
	while (text.length < bytes) {
		const word = random() < 0.5 ? WORDS[Math.floor(random() * WORDS.length)] : Math.floor(random() * 1e6).toString(36);
		text += `${word} `;
	}
	return text.slice(0, bytes);
}
