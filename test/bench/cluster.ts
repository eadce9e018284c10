import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Json, Klaw } from "../e2e/klaw-process.ts";
import { type ProcessUsage, processUsage } from "./process-usage.ts";
import type { Plan } from "./servers/plan.ts";
import { planMessage } from "./servers/plan.ts";
import { Servers } from "./servers/servers.ts";

const NAMESPACE = "/apis/klaw.sh/v1/namespaces/default";

/** `klaw up` in an empty directory, with an agent whose model is the bench's. */
export class Cluster {
	readonly klaw: Klaw;
	readonly servers: Servers;
	#headers: Record<string, string> = {};

	private constructor(klaw: Klaw, servers: Servers) {
		this.klaw = klaw;
		this.servers = servers;
	}

	/** Lends a cluster to `work` and removes it. `args` are more flags for `klaw up`. */
	static async with<T>(work: (cluster: Cluster) => Promise<T>, args: string[] = []): Promise<T> {
		const servers = await Servers.start();
		try {
			const env = { OPENAI_BASE_URL: servers.model, OPENAI_API_KEY: "bench" };
			const klaw = await Klaw.start({ env, args: ["--allow-local-network", ...args] });
			try {
				const cluster = new Cluster(klaw, servers);
				await cluster.#createAgent();
				return await work(cluster);
			} finally {
				await klaw.remove();
			}
		} finally {
			await servers.stop();
		}
	}

	async createSession(name: string): Promise<void> {
		await this.#post(`${NAMESPACE}/sessions`, { metadata: { name }, spec: { agent: "bench" } });
	}

	/** Sends a message that makes the model follow a plan; resolves with the id of the run. */
	async send(session: string, plan: string): Promise<string> {
		const { run } = await this.#post(`${NAMESPACE}/sessions/${session}/messages`, { text: planMessage(plan) });
		return run;
	}

	/** A run of a plan from its message to its end, with nobody watching it; resolves with its events as `{seq, at, event}`. */
	async run(session: string, name: string, plan: Plan): Promise<Json[]> {
		await this.servers.add(name, plan);
		const run = await this.send(session, name);
		await this.servers.finished(name);
		return this.runEvents(session, run);
	}

	/** Waits for the end of a run that may go on; resolves with its events. @throws Error when it did not succeed */
	async runEvents(session: string, run: string): Promise<Json[]> {
		const events = await this.#events(`${NAMESPACE}/sessions/${session}/events?follow=true&run=${run}`);
		const end = events.at(-1)?.event;
		if (end?.phase !== "Succeeded") throw new Error(`A run of session ${session} did not succeed: ${JSON.stringify(end)}`);
		return events;
	}

	/** The whole journal of a session. */
	journal(session: string): Promise<Json[]> {
		return this.#events(`${NAMESPACE}/sessions/${session}/events`);
	}

	createTask(name: string, plan: string): Promise<Json> {
		return this.#post(`${NAMESPACE}/tasks`, { metadata: { name }, spec: { agent: "bench", prompt: planMessage(plan) } });
	}

	async tasks(): Promise<Json[]> {
		const { body } = await this.klaw.api("GET", `${NAMESPACE}/tasks`);
		return body.items;
	}

	/** What workerd has used since it was last started; `undefined` where that cannot be known. */
	async workerdUsage(): Promise<ProcessUsage | undefined> {
		const children: { name: string; pid: number }[] = JSON.parse(await readFile(join(this.klaw.data, "run", "children.json"), "utf8"));
		const child = children.find(({ name }) => name === "workerd");
		if (!child) throw new Error("klaw up has written down no process id of workerd.");
		return processUsage(child.pid);
	}

	async #createAgent(): Promise<void> {
		const spec = { model: "openai/bench", instructions: "Do as the bench says.", limits: { iterations: 1000 } };
		await this.#post(`${NAMESPACE}/agents`, { metadata: { name: "bench" }, spec });
	}

	/** The token is read once: this is part of what is measured. */
	async #post(path: string, body: unknown): Promise<Json> {
		this.#headers.Authorization ??= `Bearer ${await this.klaw.token()}`;
		const headers = { ...this.#headers, "Content-Type": "application/json" };
		const response = await fetch(this.klaw.url + path, { method: "POST", headers, body: JSON.stringify(body) });
		const answer: Json = await response.json();
		if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${answer.message}`);
		return answer;
	}

	async #events(path: string): Promise<Json[]> {
		const response = await fetch(this.klaw.url + path, { headers: { Authorization: `Bearer ${await this.klaw.token()}` } });
		const text = await response.text();
		if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}: ${text}`);
		return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "null")).filter(({ seq }) => seq !== undefined);
	}
}
