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
	/** Workspaces in which what runs is being killed. */
	readonly #closing = new Map<string, Promise<void>>();

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
	 * Makes a workspace if it is missing and returns its real path, when it is neither being removed nor brought to rest.
	 *
	 * @throws ToolError when a command replaced it by a link to elsewhere
	 */
	async open(name: string): Promise<string> {
		// Whoever closes it is told when that fails.
		await this.#closing.get(name)?.catch(() => undefined);
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

	/** Kills what runs in a workspace and removes it. @param more what goes with it, before anybody makes it anew */
	remove(name: string, more: () => Promise<void> = async () => undefined): Promise<void> {
		return this.#close(name, async (path) => {
			await this.#kill(path);
			await removeTree(path);
			await this.sandbox.forget(path);
			await more();
		});
	}

	/** Kills what runs in a workspace; its files stay. */
	rest(name: string): Promise<void> {
		return this.#close(name, (path) => this.#kill(path));
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

	/** From this moment on nobody opens it, until all that was begun so far is through. */
	#close(name: string, act: (path: string) => Promise<void>): Promise<void> {
		const before = this.#closing.get(name) ?? Promise.resolve();
		const closing = before
			.catch(() => undefined)
			.then(() => act(join(this.#dir, name)))
			.finally(() => {
				if (this.#closing.get(name) === closing) this.#closing.delete(name);
			});
		this.#closing.set(name, closing);
		return closing;
	}

	/** By the user, from whom nothing can run away, and by what marks the rest: shells of calls are the runtime's. */
	async #kill(path: string): Promise<void> {
		const user = this.sandbox.userOf(path);
		if (user) await killUser(user, this.#graceMs);
		await killProcesses({ groups: [], variables: [mark.workspace(path)], users: user ? [user] : [] }, this.#graceMs);
	}
}
