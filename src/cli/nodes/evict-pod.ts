import { setTimeout as sleep } from "node:timers/promises";
import { humanDuration } from "../../resources/age.ts";
import type { ApiClient } from "../api-client.ts";
import { resourcePath } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { ApiError, CliError } from "../errors.ts";
import { POD } from "../kinds.ts";
import { ResourceClient, type ServerObject } from "../write/resource-client.ts";
import { type DryRun, suffix } from "../write/write-options.ts";
import { hasLocalStorage, localStorageRefusal } from "./local-storage.ts";
import { type NodeCall, nodeCallsOf } from "./open-calls.ts";

export interface EvictionOptions {
	dryRun: DryRun;
	/** How long a call that runs may still take; absent: as long as it takes. */
	gracePeriodSeconds?: number | undefined;
	/** Files that are in no checkpoint go with the pod. */
	deleteEmptydirData?: boolean;
	/** When to give up, in milliseconds since the epoch. */
	deadline?: number | undefined;
}

const FIRST_LOOK_MS = 50;
const SLOWEST_LOOK_MS = 1_000;
/** kubectl's pause when an eviction is refused for now. */
const REFUSED_MS = 5_000;
/** How soon, and how often, is told what is waited for. */
const TELL_AFTER_MS = 2_000;
const TELL_AGAIN_MS = 30_000;

/** Asks one session after the other, all side by side, to leave its node, and waits until it has. */
export class PodEviction {
	readonly #cli: Cli;
	readonly #client: ApiClient;
	readonly #requests: ResourceClient;
	readonly #options: EvictionOptions;
	readonly #namespace: string;
	readonly #name: string;
	readonly #uid: string | undefined;
	/** The pod as it was looked at last: whether its files go was decided by that. */
	#version: string | undefined;
	/** As it was when it was evicted last. */
	#isLocal: boolean;

	constructor(cli: Cli, client: ApiClient, pod: ServerObject, options: EvictionOptions) {
		const { metadata } = pod;
		this.#cli = cli;
		this.#client = client;
		this.#requests = new ResourceClient(client);
		this.#options = options;
		this.#namespace = metadata.namespace ?? "";
		this.#name = metadata.name;
		this.#uid = metadata.uid;
		this.#version = metadata.resourceVersion;
		this.#isLocal = hasLocalStorage(pod);
	}

	/** @throws CliError in kubectl's words when it did not leave */
	async run(): Promise<void> {
		const { dryRun } = this.#options;
		this.#cli.io.stdout.write(`evicting pod ${this.#what}${suffix(dryRun)}\n`);
		if (dryRun === "client") return;
		const before = await this.#calls();
		await this.#evict();
		if (dryRun === "server") return;
		await this.#untilGone();
		this.#cli.io.stdout.write(`pod/${this.#name} evicted\n`);
		const known = new Set(before.filter(({ cutAt }) => cutAt !== undefined).map(({ callId }) => callId));
		for (const { callId, tool, startedAt, cutAt } of await this.#calls())
			if (cutAt !== undefined && !known.has(callId)) this.#say(`cut ${tool} of ${this.#what} after ${humanDuration(cutAt - startedAt)}`);
	}

	async #evict(): Promise<void> {
		const { dryRun, gracePeriodSeconds } = this.#options;
		const [name, namespace] = [this.#name, this.#namespace];
		for (;;) {
			const deleteOptions = {
				...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
				...(dryRun === "server" && { dryRun: ["All"] }),
				...(this.#version !== undefined && { preconditions: { resourceVersion: this.#version } }),
			};
			const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions };
			try {
				await this.#client.json(`${resourcePath(POD, namespace, name)}/eviction`, { method: "POST", body });
				return;
			} catch (error) {
				if (!(error instanceof ApiError)) throw error;
				if (error.code === 404) return;
				const what = `error when evicting pods/"${name}" -n "${namespace}"`;
				const why = error.status.message ?? "";
				if (error.code === 409) {
					if (!(await this.#look())) return;
					await this.#pause(FIRST_LOOK_MS, `${what}: ${why}`);
					continue;
				}
				if (error.code !== 429) throw new CliError(`${what}: ${why}`);
				this.#say(`${what} (will retry after 5s): ${why}`);
				await this.#pause(REFUSED_MS, what);
			}
		}
	}

	async #untilGone(): Promise<void> {
		const waiting = `error when waiting for pod "${this.#name}" in namespace "${this.#namespace}" to terminate`;
		let tellAt = Date.now() + TELL_AFTER_MS;
		for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, SLOWEST_LOOK_MS)) {
			const wasLocal = this.#isLocal;
			if (!(await this.#look())) return;
			// What ran when it was evicted has left files that are in no checkpoint: with those it stays where it is.
			if (!wasLocal && this.#isLocal) await this.#evict();
			if (Date.now() >= tellAt) {
				tellAt = Date.now() + TELL_AGAIN_MS;
				await this.#tell((call) => `waiting for ${this.#what}: ${call}`);
			}
			await this.#pause(pause, waiting);
		}
	}

	/** Whether it is there still. @throws CliError with kubectl's refusal when it has files by now that nobody gave up */
	async #look(): Promise<boolean> {
		const pod = await this.#requests.find({ resource: POD, namespace: this.#namespace, name: this.#name });
		if (!pod || pod.metadata.uid !== this.#uid) return false;
		this.#version = pod.metadata.resourceVersion;
		if (!this.#isLocal && hasLocalStorage(pod)) {
			if (!this.#options.deleteEmptydirData) throw new CliError(localStorageRefusal([pod]));
			this.#isLocal = true;
		}
		return true;
	}

	/** Waits, but no longer than there is time. @throws CliError with kubectl's words for that there is none left */
	async #pause(ms: number, doing: string): Promise<void> {
		const { deadline = Number.POSITIVE_INFINITY } = this.#options;
		const left = deadline - Date.now();
		if (left <= 0) {
			await this.#tell((call) => `${this.#what} is still there: ${call}`);
			throw new CliError(`${doing}: context deadline exceeded`);
		}
		await sleep(Math.min(ms, left));
	}

	/** @param sentence about what runs, e.g. `bash has been running for 42s` */
	async #tell(sentence: (call: string) => string): Promise<void> {
		for (const { tool, startedAt, cutAt } of await this.#calls())
			if (cutAt === undefined) this.#say(sentence(`${tool} has been running for ${humanDuration(Date.now() - startedAt)}`));
	}

	#calls(): Promise<NodeCall[]> {
		return nodeCallsOf(this.#client, this.#namespace, this.#name);
	}

	get #what(): string {
		return `${this.#namespace}/${this.#name}`;
	}

	#say(line: string): void {
		this.#cli.io.stderr.write(`${line}\n`);
	}
}
