import { Container } from "@cloudflare/containers";
import { NODE_PORT, readySchema, unreadySchema } from "../../containers/node/ready.ts";
import type { Env } from "../../src/env.ts";
import { clusterOf, lastPart, nodeObjectName } from "../names.ts";
import type { Look } from "./drive.ts";

/** Of `containers/node/Dockerfile`. */
const COMMAND = "klaw-node";
/** How long the library may look whether the container is there. A slow start is waited for by its node's object. */
const START_MS = 2_000;
const LOOK_MS = 3_000;
const SIGTERM = 15;
/**
 * The platform ends a container so long after its object fell idle, and within seconds if it was never told. Far above the
 * minute between two looks; a local workerd clears away what is left beside a container that ended only then.
 */
const INACTIVITY_MS = 5 * 60_000;

/**
 * One container, named like its node. It decides nothing: its node's object says when it starts and stops, looks at it, and
 * speaks to the runtime in it. All that a container is told is its name, and
 * the hash of what is shown over the link by whoever may speak to it.
 */
export class ContainerObject extends Container<Env> {
	override defaultPort = NODE_PORT;
	/** Renewed by each look: a container whose node's object has forgotten it ends by itself. */
	override sleepAfter = "15m";
	/** What the platform last said of it. */
	#lastError: string | undefined;

	constructor(ctx: DurableObjectState<object>, env: Env) {
		super(ctx, env);
		// It is forgotten whenever the object restarts.
		if (ctx.container?.running) ctx.waitUntil(this.#keep());
	}

	/**
	 * Asks the platform for a container. `undefined` when it has one; else why not. One that runs already stays.
	 *
	 * @param keySha256 SHA-256, in hex, of what opens the link of its runtime
	 */
	async begin(keySha256: string): Promise<string | undefined> {
		this.#lastError = undefined;
		const entrypoint = [COMMAND, "--listen", String(NODE_PORT), "--key-sha256", keySha256, "--name", lastPart(this.ctx.id)];
		try {
			await this.start({ enableInternet: true, entrypoint }, { signal: AbortSignal.timeout(START_MS), portToCheck: NODE_PORT });
		} catch (error) {
			// The time was up and it runs: no more is to be known before it answers.
			if (!this.#running) return this.#lastError ?? said(error);
		}
		await this.#keep();
		return undefined;
	}

	/** Whether the container runs, and what the runtime in it answers. */
	async look(): Promise<Look> {
		if (!this.#running) return { running: false, error: this.#lastError };
		this.renewActivityTimeout();
		try {
			const response = await this.#port().fetch("http://container/ready", { signal: AbortSignal.timeout(LOOK_MS) });
			const body = await response.json();
			if (!response.ok) return { running: true, ...lastWords(body) };
			return { running: true, ready: readySchema.parse(body) };
		} catch (error) {
			return { running: this.#running, error: this.#running ? said(error) : this.#lastError };
		}
	}

	/** Asks the container to end. Whether it still runs. */
	async end(): Promise<boolean> {
		if (this.#running) this.ctx.container?.signal(SIGTERM);
		return this.#running;
	}

	/** The runtime's WebSocket. What does not run is not started by this. */
	override async fetch(request: Request): Promise<Response> {
		if (!this.#running) return new Response("The container does not run.", { status: 503 });
		return this.#port().fetch(request);
	}

	override async onStop({ exitCode }: { exitCode: number }): Promise<void> {
		this.#lastError ??= `Its process ended with exit code ${exitCode}.`;
		await this.#report();
	}

	override async onError(error: unknown): Promise<void> {
		this.#lastError = said(error);
		await this.#report();
	}

	/** The node's object looks for itself. Best effort: its alarm does the same. */
	async #report(): Promise<void> {
		const { id } = this.ctx;
		try {
			await this.env.NODE.getByName(nodeObjectName(lastPart(id), clusterOf(id))).containerChanged();
		} catch (error) {
			console.warn(`container ${lastPart(id)}: its node's object could not be told that it changed`, error);
		}
	}

	async #keep(): Promise<void> {
		try {
			await this.ctx.container?.setInactivityTimeout(INACTIVITY_MS);
		} catch (error) {
			// It has ended meanwhile, which the next look sees.
			console.warn(`container ${lastPart(this.ctx.id)}: it could not be kept from falling asleep`, error);
		}
	}

	get #running(): boolean {
		return this.ctx.container?.running ?? false;
	}

	#port(): Fetcher {
		const port = this.ctx.container?.getTcpPort(NODE_PORT);
		if (!port) throw new Error("Containers are not enabled for this Durable Object class.");
		return port;
	}
}

function lastWords(body: unknown): Look {
	const { data } = unreadySchema.safeParse(body);
	return data ? { failure: [data.message, ...data.log].join("\n") } : { error: "It answers, but not as a klaw node." };
}

function said(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
