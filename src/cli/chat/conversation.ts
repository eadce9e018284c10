import { randomUUID } from "node:crypto";
import type { RunFinished } from "../../../durable-objects/session/events.ts";
import type { ApiClient } from "../api-client.ts";
import { apiVersionOf, resourcePath } from "../api-resource.ts";
import { ApiError, CliError } from "../errors.ts";
import { follow, isJournaled, type StreamItem } from "../follow.ts";
import { SESSION } from "../kinds.ts";
import type { MessageReply, SessionObject } from "../objects.ts";
import { persist, tryingAgain } from "../persist.ts";
import type { Screen } from "../render/screen.ts";
import { watchRun } from "../watch-run.ts";

/** How long a server that went away during a conversation is waited for. */
const PATIENCE_MS = 5 * 60_000;

/** A session that one user talks to. */
export class Conversation {
	readonly name: string;
	readonly #client: ApiClient;
	readonly #namespace: string;
	readonly #screen: Screen;

	constructor(client: ApiClient, namespace: string, name: string, screen: Screen) {
		this.#client = client;
		this.#namespace = namespace;
		this.name = name;
		this.#screen = screen;
	}

	/**
	 * Finds the session, or creates it; one that is `fresh` has a name that nobody else has.
	 *
	 * @throws CliError when it exists and talks to another agent than the one that is wanted
	 */
	async open(agent: string | undefined, { fresh }: { fresh: boolean }): Promise<"created" | "resumed"> {
		const signal = AbortSignal.timeout(PATIENCE_MS);
		const existing = fresh ? undefined : await this.#find();
		if (existing) {
			const own = existing.spec?.agent;
			if (agent === undefined || own === undefined || own === agent) return "resumed";
			throw new CliError(
				`The session ${this.name} talks to the agent ${own}, not to ${agent}. Leave out --agent, or start another session.`,
			);
		}
		const body = { apiVersion: apiVersionOf(SESSION), kind: SESSION.kind, metadata: { name: this.name }, spec: { agent } };
		let repeated = false;
		const create = async () => {
			try {
				await this.#client.json(resourcePath(SESSION, this.#namespace), { method: "POST", body, signal });
			} catch (error) {
				if (!repeated || !(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
			}
		};
		await persist(create, {
			signal,
			onLost: (error) => {
				repeated = true;
				this.#screen.note(tryingAgain(error));
			},
			firstContact: fresh,
		});
		return "created";
	}

	/** Shows the last thing said and what came of it; when that is still going on, to its end. */
	async showLast(signal: AbortSignal): Promise<void> {
		const items: StreamItem[] = [];
		for await (const item of follow(this.#client, { ...this.#where(), follow: false, signal })) items.push(item);
		const events = items.filter(isJournaled);
		const last = events.findLast(({ event }) => event.type === "message.accepted");
		if (last?.event.type !== "message.accepted") return;
		const { run } = last.event;
		const exchange = events.filter(({ event }) => "run" in event && event.run === run);
		try {
			for (const item of exchange) this.#screen.show(item);
		} finally {
			// What is over is not worked on, and a spinner would keep the process alive.
			this.#screen.rest();
		}
		const over = exchange.some(({ event }) => event.type === "run.finished");
		if (!over) await watchRun(this.#client, { ...this.#where(), run, after: events.at(-1)?.seq ?? 0, signal }, this.#screen);
	}

	/** Says something and shows the answer as it comes. However often the connection is lost, it is said once. */
	async say(text: string, model: string | undefined, signal: AbortSignal): Promise<RunFinished | undefined> {
		const headers = { "Idempotency-Key": randomUUID() };
		const send = () => this.#client.json<MessageReply>(`${this.#path}/messages`, { method: "POST", body: { text, model }, headers });
		const reply = await persist(send, {
			signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
			onLost: (error) => this.#screen.note(tryingAgain(error)),
		});
		return watchRun(this.#client, { ...this.#where(), run: reply.run, after: reply.seq, signal }, this.#screen);
	}

	async cancel(): Promise<void> {
		await this.#client.json(`${this.#path}/cancel`, { method: "POST", body: { reason: "Ctrl-C in klaw chat" } });
	}

	get #path(): string {
		return resourcePath(SESSION, this.#namespace, this.name);
	}

	#where() {
		return { namespace: this.#namespace, session: this.name, patience: { first: PATIENCE_MS, later: PATIENCE_MS } };
	}

	async #find(): Promise<SessionObject | undefined> {
		try {
			return await this.#client.json<SessionObject>(this.#path);
		} catch (error) {
			if (error instanceof ApiError && error.code === 404) return undefined;
			throw error;
		}
	}
}
