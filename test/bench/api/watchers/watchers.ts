import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../../../e2e/klaw-process.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

export interface WatchOrder {
	url: string;
	token: string;
	/** How many, each with a connection of its own. */
	watchers: number;
}

/** The resource version of an event, which watcher it reached, and when by `monotonicMs`. */
export type Arrival = [version: number, watcher: number, at: number];

/** Watchers in a process of their own: whoever writes and measures takes no time from them. */
export class Watchers {
	readonly #process: ChildProcess;
	readonly #lines: Interface;
	readonly #seen: Arrival[] = [];

	private constructor(process: ChildProcess, lines: Interface) {
		this.#process = process;
		this.#lines = lines;
	}

	/** Resolves when each of them has the head of its answer. */
	static async start(order: WatchOrder): Promise<Watchers> {
		const child = spawn(process.execPath, [MAIN], { stdio: ["pipe", "pipe", "inherit"] });
		const watchers = new Watchers(child, createInterface(child.stdout));
		await watchers.#ask(JSON.stringify(order));
		return watchers;
	}

	/** Waits until so many events have reached them in all; resolves with them. @throws Error when they do not come */
	async arrived(events: number, timeoutMs: number): Promise<readonly Arrival[]> {
		await until(async () => {
			for (const arrival of await this.#ask("")) this.#seen.push(arrival);
			return this.#seen.length >= events;
		}, timeoutMs);
		return this.#seen;
	}

	async stop(): Promise<void> {
		if (this.#process.exitCode !== null) return;
		const gone = once(this.#process, "exit");
		this.#process.stdin?.end();
		await gone;
	}

	async #ask(line: string): Promise<Arrival[]> {
		const answer = Promise.race([once(this.#lines, "line"), once(this.#lines, "close")]);
		this.#process.stdin?.write(`${line}\n`);
		const [text] = await answer;
		if (text === undefined) throw new Error("The process with the watchers has ended.");
		return JSON.parse(String(text));
	}
}
