import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Klaw, until } from "./klaw-process.ts";
import { killTree, processTree, signalAll } from "./process-tree.ts";
import type { RunningCommand } from "./running-command.ts";

const SOON_MS = 30_000;

/** A machine that joins with `klaw node join`, with what its sessions run on it. What it runs can be killed or stopped with it. */
export class JoinedMachine {
	readonly name: string;
	/** Where it keeps who it is, what runs, and the workspaces. */
	readonly data: string;
	readonly #klaw: Klaw;
	readonly #flags: string[];
	#runtime: RunningCommand;

	private constructor(klaw: Klaw, name: string, flags: string[]) {
		this.name = name;
		this.data = join(klaw.dir, `data-of-${name}`);
		this.#klaw = klaw;
		this.#flags = flags;
		this.#runtime = this.#start();
	}

	/** Joins with a token of its own, and returns when the machine is a node. */
	static async join(klaw: Klaw, name: string, ...flags: string[]): Promise<JoinedMachine> {
		const { code, stdout, stderr } = await klaw.cli(["node", "token", "create", "--node", name]);
		if (code !== 0) throw new Error(`there is no join token for ${name}: ${stderr}`);
		const token = join(klaw.dir, `${name}.token`);
		await writeFile(token, stdout, { mode: 0o600 });
		const machine = new JoinedMachine(klaw, name, ["--token-file", token, ...flags]);
		await machine.#joined();
		return machine;
	}

	/** What it has said since it was started. */
	get log(): string {
		return this.#runtime.stderr;
	}

	/** Starts again over the same data. */
	async restart(): Promise<void> {
		this.#runtime = this.#start();
		await this.#joined();
	}

	/** SIGKILL for the runtime and for everything that it runs. Harmless when it has ended. */
	async kill(): Promise<void> {
		const { pid } = this.#runtime;
		if (pid !== undefined) killTree(pid);
		await this.#runtime.ended;
	}

	/** SIGKILL for the runtime alone. What it runs goes on. */
	async killRuntime(): Promise<void> {
		await this.#runtime.kill();
	}

	/** It falls silent without a word: nothing of it runs, and its connection stays open. @returns what lets it go on */
	freeze(): { thaw(): void } {
		const { pid } = this.#runtime;
		if (pid === undefined) throw new Error(`the machine ${this.name} does not run`);
		const frozen = processTree(pid);
		signalAll(frozen, "SIGSTOP");
		return { thaw: () => signalAll(frozen, "SIGCONT") };
	}

	/** Directory of a session's files on this machine; `undefined` when there is none. */
	async workspace(session: string): Promise<string | undefined> {
		const root = join(this.data, "workspaces");
		const name = (await readdir(root).catch(() => [])).find((each) => each.startsWith(`default.${session}.`));
		return name && join(root, name);
	}

	#start(): RunningCommand {
		const { url } = this.#klaw;
		return this.#klaw.command(["node", "join", url, "--name", this.name, "--data", this.data, ...this.#flags]);
	}

	async #joined(): Promise<void> {
		await until(() => this.log.includes(`Joined as node ${this.name}`), SOON_MS);
	}
}
