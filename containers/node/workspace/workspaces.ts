import { mkdirSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mark } from "../bash/environment.ts";
import { killProcesses } from "../process/kill.ts";
import { ToolError } from "../tools/node-tool.ts";

/** The workspaces of a node: a directory each, one for every session. Names must be safe names. */
export class Workspaces {
	readonly #dir: string;
	readonly #graceMs: number;
	readonly #removals = new Map<string, Promise<void>>();

	/** @param dir real path of a directory in the data directory; is made if it is missing */
	constructor(dir: string, killGraceMs: number) {
		this.#dir = dir;
		this.#graceMs = killGraceMs;
		mkdirSync(dir, { recursive: true });
	}

	/**
	 * Makes a workspace if it is missing and returns its real path.
	 *
	 * @throws ToolError when a command replaced it by a link to elsewhere
	 */
	async open(name: string): Promise<string> {
		await this.#removals.get(name);
		const path = join(this.#dir, name);
		mkdirSync(path, { recursive: true });
		if (realpathSync.native(path) !== path) {
			throw new ToolError(
				`The workspace ${name} was replaced by a symbolic link, so nothing was run. Delete the session and start another.`,
			);
		}
		return path;
	}

	/** Kills what runs in a workspace and removes it. */
	async remove(name: string): Promise<void> {
		const path = join(this.#dir, name);
		const removal = killProcesses({ groups: [], variables: [mark.workspace(path)] }, this.#graceMs)
			.then(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))
			.finally(() => this.#removals.delete(name));
		this.#removals.set(name, removal);
		await removal;
	}

	/** Kills what runs in any of them. */
	async killAll(): Promise<void> {
		await killProcesses({ groups: [], variables: [mark.node(dirname(this.#dir))] }, this.#graceMs);
	}
}
