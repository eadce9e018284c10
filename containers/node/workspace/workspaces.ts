import { mkdirSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { mark } from "../bash/environment.ts";
import { killProcesses, killUser } from "../process/kill.ts";
import { noSandbox, type Sandbox, type UnixUser } from "../sandbox/sandbox.ts";
import { ToolError } from "../tools/node-tool.ts";
import { removeTree } from "./remove-tree.ts";

/** The workspaces of a node: a directory each, one for every session. Names must be safe names. */
export class Workspaces {
	readonly #dir: string;
	readonly #graceMs: number;
	/** Keeps the workspaces apart. */
	readonly sandbox: Sandbox;
	readonly #dataDir: string;
	readonly #removals = new Map<string, Promise<void>>();

	/**
	 * @param dir real path; is made if it is missing
	 * @param dataDir real path of the node's data directory, in which the workspaces need not be
	 */
	constructor(dir: string, killGraceMs: number, sandbox: Sandbox = noSandbox, dataDir: string = dirname(dir)) {
		this.#dir = dir;
		this.#graceMs = killGraceMs;
		this.sandbox = sandbox;
		this.#dataDir = dataDir;
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
		await this.sandbox.adopt(path);
		return path;
	}

	/** Kills what runs in a workspace and removes it. */
	async remove(name: string): Promise<void> {
		const path = join(this.#dir, name);
		const removal = this.#kill(path)
			.then(() => removeTree(path))
			.then(() => this.sandbox.forget(path))
			.finally(() => this.#removals.delete(name));
		this.#removals.set(name, removal);
		await removal;
	}

	/** Kills what runs in a workspace. @param path as {@link Workspaces.open} returned it */
	async quiet(path: string): Promise<void> {
		await this.#kill(path);
	}

	/** Kills what runs in any of them. */
	async killAll(): Promise<void> {
		const users = this.users();
		await Promise.all(users.map((user) => killUser(user, this.#graceMs)));
		await killProcesses({ groups: [], variables: [mark.node(this.#dataDir)], users }, this.#graceMs);
	}

	/** The users of all sessions, where they have users. */
	users(): UnixUser[] {
		return [...this.owners().values()];
	}

	/** The same by the name of the workspace. */
	owners(): Map<string, UnixUser> {
		const names = readdirSync(this.#dir).map((name) => [name, this.sandbox.userOf(join(this.#dir, name))] as const);
		return new Map(names.flatMap(([name, user]) => (user ? [[name, user] as const] : [])));
	}

	/** By the user, from whom nothing can run away, and by what marks the rest: shells of calls are the runtime's. */
	async #kill(path: string): Promise<void> {
		const user = this.sandbox.userOf(path);
		if (user) await killUser(user, this.#graceMs);
		await killProcesses({ groups: [], variables: [mark.workspace(path)], users: user ? [user] : [] }, this.#graceMs);
	}
}
