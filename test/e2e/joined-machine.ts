import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Klaw, until } from "./klaw-process.ts";
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
		await machine.joined();
		return machine;
	}

	/** What it has said since it was started. */
	get log(): string {
		return this.#runtime.stderr;
	}

	/** Starts again over the same data. */
	async restart(): Promise<void> {
		this.#runtime = this.#start();
		await this.joined();
	}

	/** SIGKILL for the runtime and for everything that it runs, as when the power fails. */
	async kill(): Promise<void> {
		const all = this.#processes();
		// First nobody starts anything more.
		for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of all) send(pid, signal);
		await this.#runtime.ended;
	}

	/** It falls silent without a word: nothing of it runs, and its connection stays open. @returns what goes on */
	freeze(what: "all" | "runtime" = "all"): { thaw(): void } {
		const frozen = what === "all" ? this.#processes() : this.#processes().slice(0, 1);
		for (const pid of frozen) send(pid, "SIGSTOP");
		return { thaw: () => frozen.forEach((pid) => void send(pid, "SIGCONT")) };
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

	async joined(): Promise<void> {
		await until(() => this.log.includes(`Joined as node ${this.name}`), SOON_MS);
	}

	/** The runtime, then what it has started, and what that has started. */
	#processes(): number[] {
		const { pid } = this.#runtime;
		if (pid === undefined) return [];
		const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
		const parents = rows.map((row) => row.trim().split(/ +/).map(Number));
		const found = [pid];
		for (const known of found) found.push(...parents.flatMap(([child = 0, parent]) => (parent === known ? [child] : [])));
		return found;
	}
}

function send(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
	}
}
