import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PageKind } from "./page.ts";
import type { Plan } from "./plan.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

/** The process with the bench's model and web pages. */
export class Servers {
	/** Base URL of the OpenAI-compatible model. */
	readonly model: string;
	readonly #pages: string;
	readonly #process: ChildProcess;

	private constructor(process: ChildProcess, urls: { model: string; pages: string }) {
		this.#process = process;
		this.model = urls.model;
		this.#pages = urls.pages;
	}

	static async start(): Promise<Servers> {
		const child = spawn(process.execPath, [MAIN], { stdio: ["pipe", "pipe", "inherit"] });
		const [line] = await once(createInterface(child.stdout), "line");
		return new Servers(child, JSON.parse(String(line)));
	}

	/** URL of a page of so many bytes. */
	page(bytes = 200, kind: PageKind = "text"): string {
		return `${this.#pages}/page?bytes=${bytes}&kind=${kind}`;
	}

	async add(name: string, plan: Plan): Promise<void> {
		await this.#ask(`/plans/${name}`, { method: "PUT", body: JSON.stringify(plan) });
	}

	/** When the model requests of a plan arrived, in order. */
	arrivals(name: string): Promise<number[]> {
		return this.#ask(`/plans/${name}/arrivals`);
	}

	/** Waits for a model request of a plan after this moment; resolves with when it came. */
	arrivalAfter(name: string, moment: number): Promise<number> {
		return this.#ask(`/plans/${name}/arrival?after=${moment}`);
	}

	/** Waits until so many runs of a plan were given their last answer; resolves with how many were. */
	finished(name: string, times = 1): Promise<number> {
		return this.#ask(`/plans/${name}/finished?times=${times}`);
	}

	async stop(): Promise<void> {
		const gone = once(this.#process, "exit");
		this.#process.stdin?.end();
		await gone;
	}

	async #ask<T>(path: string, init: RequestInit = {}): Promise<T> {
		const response = await fetch(this.#pages + path, init);
		if (!response.ok) throw new Error(`The servers of the bench answered ${response.status} to ${path}.`);
		return (await response.json()) as T;
	}
}
