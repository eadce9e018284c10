import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallRecord } from "../call-record.ts";
import { isDiskFull } from "../explain-error.ts";
import { killProcesses } from "../process/kill.ts";
import { isAlive, processesWith } from "../process/process-table.ts";
import { type ProcessLimits, processLimits } from "../sandbox/limits.ts";
import { noSandbox, type Sandbox } from "../sandbox/sandbox.ts";
import { Stopped, whenStopped } from "../stopped.ts";
import { commandEnvironment, mark } from "./environment.ts";
import { callScript } from "./script.ts";

/** How the shell of a call ended. */
export type Ending =
	| { how: "exited"; code: number }
	/** By someone else than the runtime. */
	| { how: "killed"; signal: string }
	| { how: "stopped"; why: string }
	/** It never took the start lock, so nothing ran. */
	| { how: "not started"; why: string }
	/** It was started, is gone, and left no exit code. */
	| { how: "vanished" };

/** A longer command goes through a file: Linux takes at most 128 KiB in one argument. */
const ARGUMENT_LIMIT = 100_000;
const POLL_MS = 50;

/**
 * The shell of one call: started here, or found running. All it knows is in the call's record, so any runtime can
 * take it up where another left it.
 */
export class Shell {
	readonly #record: CallRecord;
	readonly #workspace: string;
	readonly #sandbox: Sandbox;
	readonly #limits: ProcessLimits;
	readonly #marks: readonly string[];
	#child: ChildProcess | undefined;

	/** @param sandbox keeps the command apart from the node and other sessions */
	constructor(record: CallRecord, workspace: string, sandbox = noSandbox, limits = processLimits(undefined, record.call.timeoutMs)) {
		this.#record = record;
		this.#workspace = workspace;
		this.#sandbox = sandbox;
		this.#limits = limits;
		this.#marks = [mark.workspace(workspace), mark.call(record.call.callId)];
	}

	/**
	 * Starts the command unless it was ever started, and waits for its end.
	 *
	 * @throws Stopped when the runtime itself stops: the command goes on without it
	 */
	async run(command: string, signal: AbortSignal, graceMs: number): Promise<Ending> {
		const decided = this.#record.text("stop.json");
		if (decided !== undefined) return this.#stop(JSON.parse(decided), graceMs);

		const finished = new AbortController();
		const stopped = whenStopped(signal);
		try {
			const ended = this.#record.has("started") ? this.#poll(finished.signal) : this.#start(command, finished.signal);
			const first = await Promise.race([ended, stopped]);
			if (!(first instanceof Stopped)) return first;
			if (first.kind === "detach") throw first;
			const code = this.#exitCode();
			if (code !== undefined) return { how: "exited", code };
			this.#prepareStop(first.message);
			return await this.#stop(first.message, graceMs);
		} finally {
			finished.abort();
			this.#child?.unref();
		}
	}

	async #start(command: string, finished: AbortSignal): Promise<Ending> {
		const child = this.#spawn(command);
		this.#child = child;
		const end = await new Promise<Error | { code: number | null; signal: string | null }>((resolve) => {
			child.once("error", resolve);
			child.once("exit", (code, signal) => resolve({ code, signal }));
		});
		const written = this.#exitCode();
		if (written !== undefined) return { how: "exited", code: written };
		if (end instanceof Error) return { how: "not started", why: end.message };
		if (!this.#record.has("started")) return { how: "not started", why: "the shell could not make its files" };
		// Another shell was quicker: one that an earlier runtime started just before it died.
		if (this.#owner() !== child.pid) return this.#poll(finished);
		// No exit code on record: the shell was killed, or the disk was full.
		return end.signal === null ? { how: "exited", code: end.code ?? 0 } : { how: "killed", signal: end.signal };
	}

	#spawn(command: string): ChildProcess {
		const bash = Buffer.byteLength(command) > ARGUMENT_LIMIT ? this.#inFile(command) : { setup: "", argv: ["bash", "-c", "--", command] };
		const { setup, argv } = this.#sandbox.launch(this.#workspace, bash.argv, this.#limits);
		const otherUser = this.#sandbox.userOf(this.#workspace) !== undefined;
		return spawn("/bin/sh", ["-c", callScript(`${bash.setup}\n${setup}`, otherUser), "klaw", this.#record.dir, ...argv], {
			cwd: this.#workspace,
			env: { ...this.#environment(), ...this.#sandbox.environment(this.#workspace) },
			// A session and process group of its own: it outlives the runtime, and is killed whole.
			detached: true,
			stdio: "ignore",
		});
	}

	/** Through a descriptor: the session's user may read the file, and not the directory that it is in. */
	#inFile(command: string): { setup: string; argv: string[] } {
		this.#record.write("command", command);
		chmodSync(this.#record.path("command"), 0o644);
		return { setup: 'exec 9<"$dir/command"', argv: ["bash", "/dev/fd/9"] };
	}

	#environment(): Record<string, string> {
		// The journal is a directory of the data directory, and a call's record one of the journal.
		const dataDir = dirname(dirname(this.#record.dir));
		return commandEnvironment({ workspace: this.#workspace, callId: this.#record.call.callId, dataDir });
	}

	/** Watches a shell that this runtime did not start. */
	async #poll(finished: AbortSignal): Promise<Ending> {
		while (!finished.aborted) {
			const alive = this.#isAlive();
			// Read after the look at the process, which writes it before it ends.
			const code = this.#exitCode();
			if (code !== undefined) return { how: "exited", code };
			// The shell puts its id into the lock before it runs anything.
			if (!alive)
				return this.#owner() === undefined ? { how: "not started", why: "the shell could not write its files" } : { how: "vanished" };
			await sleep(POLL_MS, undefined, { signal: finished }).catch(() => undefined);
		}
		return { how: "vanished" };
	}

	#isAlive(): boolean {
		const owner = this.#owner();
		// Its arguments name this call's directory; a later process that was given the same id has others.
		if (owner !== undefined) return isAlive(owner, this.#record.dir);
		return processesWith(this.#marks).length > 0;
	}

	/** Before the first signal: if the runtime dies while it kills, the next one goes on with it. */
	#prepareStop(why: string): void {
		try {
			this.#record.write("stop.json", JSON.stringify(why));
			this.#record.takeStartLock();
		} catch (error) {
			// A command that filled the disk has to be killed all the same.
			if (!isDiskFull(error)) throw error;
		}
	}

	/** Kills everything of the call. */
	async #stop(why: string, graceMs: number): Promise<Ending> {
		// A child that has ended may have given its id to another process.
		const child = this.#child?.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
		const owner = this.#isAlive() ? this.#owner() : undefined;
		const groups = [...new Set([child, owner])].filter((id) => id !== undefined);
		const user = this.#sandbox.userOf(this.#workspace);
		await killProcesses({ groups, variables: this.#marks, users: user ? [user] : [] }, graceMs);
		return { how: "stopped", why };
	}

	/** Process id of the shell that holds the start lock. */
	#owner(): number | undefined {
		return numberLine(this.#record.text("started"));
	}

	#exitCode(): number | undefined {
		return numberLine(this.#record.text("exit"));
	}
}

/** A number whose line is complete; what is still being written is not there yet. */
function numberLine(text: string | undefined): number | undefined {
	return text?.endsWith("\n") ? Number(text) : undefined;
}
