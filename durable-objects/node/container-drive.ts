import { nodeSecretHash } from "../../src/api/tokens/node-secret.ts";
import { busy, type Drive, evolve, type Look, type Outcome, ordered, type Step, step, stopped } from "../container/drive.ts";
import { isFinal, NO_CONTAINERS } from "../container/failure.ts";
import type { ContainerOrder } from "../ports.ts";
import { ContainerLink } from "./container-link.ts";
import type { LinkHandlers, NodeLink } from "./link.ts";
import type { Machine } from "./machine.ts";
import type { NodeStorage } from "./node-storage.ts";
import type { Reports } from "./reports.ts";

/** The container's object, as its node's object uses it. */
export interface NodeContainer {
	/** @param keySha256 SHA-256, in hex, of what opens the link of the container's runtime */
	begin(keySha256: string): Promise<string | undefined>;
	look(): Promise<Look>;
	end(): Promise<boolean>;
	destroy(): Promise<void>;
	fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface ContainerDrivePorts {
	name: string;
	storage: NodeStorage;
	machine: Machine;
	reports: Reports;
	/** Absent: this deployment has no containers. */
	container(): NodeContainer | undefined;
	/** Opens the link of one container; it is told once, by whoever dials first. */
	newKey(): string;
	rearm(): void;
	now(): number;
}

/** A connection over which nothing was heard for so long is opened anew: the runtime speaks every 10 s. */
const QUIET_MS = 15_000;
/** A runtime answers a connection with its hello at once. */
const HELLO_MS = 5_000;
/** How long the container's object may take. What hangs must not keep a deaf container from being replaced. */
const START_MS = 20_000;
const LOOK_MS = 10_000;
const DESTROY_MS = 10_000;
/** Steps of one alarm. What is left waits for the next. */
const STEPS = 50;
/** A step that failed unforeseen is tried again so long after: it left what was due, and would be due at once and for ever. */
const AGAIN_MS = 2_000;

/** Starts, watches and stops the node's container, as `container/drive.ts` decides. */
export class ContainerDrive {
	readonly #ports: ContainerDrivePorts;
	#link: ContainerLink | undefined;
	#dialling: Promise<boolean> | undefined;
	#driving: Promise<void> | undefined;
	/** Told when the link was admitted or has ended. */
	#settled: () => void = () => undefined;

	constructor(ports: ContainerDrivePorts) {
		this.#ports = ports;
	}

	/** The open connection, admitted or not. */
	links(): NodeLink[] {
		return this.#link?.open ? [this.#link] : [];
	}

	/** Durable when this returns. The same order again changes nothing. */
	order(order: ContainerOrder): void {
		const { storage, reports, container, newKey, rearm, now } = this.#ports;
		const identity = storage.identity();
		if (!container()) reports.add({ type: "failed", message: `${NO_CONTAINERS}: it lacks the binding CONTAINER.`, final: true });
		else if (identity?.source === "joined")
			reports.add({ type: "failed", message: `The name ${order.name} is that of a machine that joined.`, final: true });
		else storage.putDrive(ordered(storage.drive(), order, newKey(), now()));
		rearm();
	}

	/** The container is to be gone. From now on the machine is none. */
	stop(why: string): void {
		const { storage, machine, rearm, now } = this.#ports;
		const drive = storage.drive();
		if (!drive) return;
		storage.putDrive(stopped(drive, now()));
		machine.replace(why);
		this.#hangUp();
		rearm();
	}

	/** It is to be gone, and is: whoever thinks that it is there is told. */
	gone(): void {
		const { storage, reports, rearm } = this.#ports;
		if (storage.drive() || storage.identity()?.source === "joined") return;
		reports.add({ type: "replaced", incarnation: storage.lastIncarnation() });
		rearm();
	}

	/** Something about the container has changed: it is looked at now. */
	lookNow(): void {
		const { storage, rearm, now } = this.#ports;
		const drive = storage.drive();
		if (drive?.phase !== "up" && drive?.phase !== "booting") return;
		storage.putDrive({ ...drive, at: now() });
		rearm();
	}

	/** Before the machine is given something to do: if its connection was lost, it is opened. */
	async connect(): Promise<void> {
		const { storage, machine, now } = this.#ports;
		const drive = storage.drive();
		if (drive?.phase !== "up") return;
		const watched = busy(drive, now());
		if (watched !== drive) storage.putDrive(watched);
		if (!machine.link()) await this.#dial();
	}

	dueAt(): number | undefined {
		return this.#ports.storage.drive()?.at;
	}

	/** Does what is due. One at a time; never rejects. */
	drive(): Promise<void> {
		this.#driving ??= this.#drive().finally(() => {
			this.#driving = undefined;
		});
		return this.#driving;
	}

	async #drive(): Promise<void> {
		const { name, storage, now } = this.#ports;
		for (let steps = 0; steps < STEPS; steps++) {
			const drive = storage.drive();
			const wanted = drive && step(drive, now());
			if (!drive || !wanted) return;
			try {
				await this.#step(drive, wanted);
			} catch (error) {
				console.error(`node ${name}: its container could not be driven on, will try again`, error);
				this.#postpone();
				return;
			}
		}
	}

	#postpone(): void {
		const { storage, now } = this.#ports;
		const drive = storage.drive();
		if (drive) storage.putDrive({ ...drive, at: Math.max(drive.at, now() + AGAIN_MS) });
	}

	async #step(drive: Drive, wanted: Step): Promise<void> {
		const { storage, reports, newKey, rearm, now } = this.#ports;
		const outcome = await this.#do(drive, wanted);
		const current = storage.drive();
		// Ordered otherwise meanwhile: what was seen is of the container before.
		if (!current || current.key !== drive.key || current.phase !== drive.phase) return;
		const { drive: next, effects } = evolve(current, outcome, now(), newKey());
		storage.putDrive(next);
		for (const effect of effects) {
			if (effect.type === "replaced") this.#replace(effect.why);
			else if (effect.type === "failed") reports.add(effect);
		}
		// All that is to be known of it is kept and has its alarm before the first wait: this object may be gone after it.
		rearm();
		for (const { type } of effects) {
			if (type === "destroy") await this.#destroy();
			else if (type === "dial") await this.#dial();
		}
		await reports.flush();
	}

	/** A machine that was never admitted is gone without a trace, so that for whoever ordered it its start has failed. */
	#replace(why: string): void {
		const { storage, machine, reports } = this.#ports;
		if (storage.identity()) machine.replace(why);
		else reports.add({ type: "failed", message: why, final: isFinal(why) });
	}

	async #do(drive: Drive, wanted: Step): Promise<Outcome> {
		const { storage, machine, container, now } = this.#ports;
		const target = container();
		if (!target) return withoutContainers(wanted);
		if (wanted === "start") return { of: "start", error: await within(START_MS, target.begin(nodeSecretHash(drive.key))).catch(said) };
		if (wanted === "stop") return { of: "stop", running: await within(LOOK_MS, target.end()).catch(() => true) };
		const look = await within(LOOK_MS, target.look()).catch((error: unknown): Look => ({ error: said(error) }));
		const { connected, heardAt } = machine.heartbeat();
		const healthy = connected && now() - heardAt < QUIET_MS;
		return { of: "look", look, healthy, ...(heardAt > 0 && { heardAt }), busy: storage.busy() };
	}

	async #destroy(): Promise<void> {
		this.#hangUp();
		// One that is gone cannot be destroyed, and need not be.
		const target = this.#ports.container();
		if (!target) return;
		await within(DESTROY_MS, target.destroy()).catch((error) =>
			console.warn(`node ${this.#ports.name}: its container was not destroyed`, error),
		);
	}

	#dial(): Promise<boolean> {
		this.#dialling ??= this.#open().finally(() => {
			this.#dialling = undefined;
		});
		return this.#dialling;
	}

	/** Whether the runtime has said hello over the new connection, and was welcomed. */
	async #open(): Promise<boolean> {
		const { name, storage, machine, container, now } = this.#ports;
		const drive = storage.drive();
		const target = container();
		if (drive?.phase !== "up" || !target) return false;
		this.#hangUp();
		try {
			const headers = { Upgrade: "websocket", Authorization: `Bearer ${drive.key}` };
			const response = await within(HELLO_MS, target.fetch("http://container/link", { headers }));
			if (!response.webSocket) throw new Error(`It answered ${response.status}: ${await response.text()}`);
			const handlers: LinkHandlers = {
				message: async (link, message) => {
					await machine.message(link, message);
					this.#settled();
				},
				lost: async (link) => {
					this.#settled();
					await machine.lost(link);
				},
			};
			this.#link = new ContainerLink(response.webSocket, handlers, now);
			await this.#untilAdmitted(this.#link);
		} catch (error) {
			console.warn(`node ${name}: no connection to its container`, error);
		}
		return machine.link() !== undefined;
	}

	async #untilAdmitted(link: NodeLink): Promise<void> {
		const settled = new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, HELLO_MS);
			this.#settled = () => {
				if (link.open && link.incarnation === undefined) return;
				clearTimeout(timer);
				resolve();
			};
		});
		await settled;
	}

	#hangUp(): void {
		this.#link?.close(CLOSE_GOING_AWAY, "klaw opens another connection, or none");
		this.#link = undefined;
	}
}

const CLOSE_GOING_AWAY = 1001;

/** What comes of each step after a deployment that has no containers any more: none of them is there, nor ever will be. */
function withoutContainers(wanted: Step): Outcome {
	const error = `${NO_CONTAINERS}.`;
	if (wanted === "start") return { of: "start", error };
	if (wanted === "stop") return { of: "stop", running: false };
	return { of: "look", look: { running: false, failure: error }, healthy: false, busy: false };
}

/** @throws Error when it takes longer */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`There was no answer within ${ms / 1000} s.`)), ms);
	});
	return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function said(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
