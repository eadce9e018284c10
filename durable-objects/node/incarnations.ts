import { CLOSE_REJECTED, CLOSE_REPLACED, type Hello, PROTOCOL_VERSION } from "../../containers/node/protocol.ts";
import { NODE_LOST_MS } from "../ports.ts";
import { admit, INCARNATION_MS, rebootedTooSoon } from "./admission.ts";
import type { NodeLink } from "./link.ts";
import type { NodeStorage } from "./node-storage.ts";
import type { Report, Reports } from "./reports.ts";
import { sendFrame } from "./send-frame.ts";
import type { Silence } from "./silence.ts";

export interface IncarnationsPorts {
	/** Of the node. */
	name: string;
	storage: NodeStorage;
	reports: Reports;
	silence: Silence;
	/** Every connection that is open, admitted or not. */
	links(): NodeLink[];
	/** Commands of people have ended with the machine, or with its connection. @param why a sentence for them */
	nodeLost(why: string): void;
	/** The machine was welcomed, and has not been told anything yet. */
	welcomed(hello: Hello, incarnation: number): void;
	/** Something became due. */
	rearm(): void;
	now(): number;
}

/**
 * Whose the node's name is, and as which incarnation. One begins with a hello that is admitted, and ends when the machine
 * was rebooted, is lost, or is gone for good: what is said in it is believed until then.
 */
export class Incarnations {
	readonly #ports: IncarnationsPorts;

	constructor(ports: IncarnationsPorts) {
		this.#ports = ports;
	}

	/** What is said over this connection is believed. */
	isCurrent(link: NodeLink): boolean {
		return link.incarnation !== undefined && link.incarnation === this.#ports.storage.identity()?.incarnation;
	}

	/** Welcomes the machine, or hangs up and says why. */
	async hello(link: NodeLink, hello: Hello): Promise<void> {
		const { name, storage, reports, silence, links, nodeLost, welcomed, rearm, now } = this.#ports;
		// One for each connection: said again and again it would be a reboot each time.
		if (link.incarnation !== undefined) return;
		const container = storage.drive()?.order;
		const owner = storage.identity();
		const admission = admit({ hello, name, owner, lastIncarnation: storage.lastIncarnation(), container });
		if (!admission.ok) return this.reject(link, hello.id, admission.code, admission.message);
		const { identity, over } = admission;
		if (over !== undefined && !container) {
			if (now() - storage.rebootedAt() < INCARNATION_MS) return this.reject(link, hello.id, "RebootedTooSoon", rebootedTooSoon(name), true);
			storage.rebooted(now());
		}
		if (over !== undefined)
			this.#over(
				owner?.uid === identity.uid
					? { type: "lost", incarnation: over, next: identity.incarnation, rebooted: true }
					: { type: "replaced", incarnation: over },
			);
		storage.put(identity);
		// A socket that was dying took them, and they did not arrive.
		storage.flown(hello.calls.map(({ callId }) => callId));
		storage.execsLeft(hello.execs ?? []);
		for (const older of links())
			if (!older.is(link) && older.incarnation !== undefined) older.close(CLOSE_REPLACED, "the machine dialled in again");
		// It ended what it ran for people when its last connection did.
		nodeLost(`Node ${name} lost its connection, and the command ended with it.`);
		link.admit(identity.incarnation, now());
		if (silence.look()) storage.waitInFlight();
		sendFrame(link, { v: PROTOCOL_VERSION, type: "welcome", id: hello.id, incarnation: identity.incarnation });
		welcomed(hello, identity.incarnation);
		reports.add({ type: "joined" });
		rearm();
		await reports.flush();
		rearm();
	}

	/** Takes the name away from whoever has it, and says why. */
	evict(code: string, message: string): void {
		const { storage, silence, links, nodeLost } = this.#ports;
		storage.free();
		storage.ground();
		silence.forget();
		for (const link of links()) this.reject(link, code.toLowerCase(), code, message);
		nodeLost(message);
	}

	/** The machine was not heard for too long. It may come back, as another incarnation: what it still runs is not believed. */
	lose(): void {
		const { name, storage, nodeLost } = this.#ports;
		const identity = storage.identity();
		if (!identity) return;
		const next = storage.lastIncarnation() + 1;
		storage.put({ ...identity, incarnation: next });
		this.#over({ type: "lost", incarnation: identity.incarnation, next });
		// Its socket may be alive at this end only.
		this.#hangUp(`the node was silent for ${NODE_LOST_MS / 1000} s`);
		nodeLost(`Node ${name} was silent for ${NODE_LOST_MS / 1000} s and is taken for lost, and the command with it.`);
	}

	/** The machine is gone for good, and the name is free. */
	replace(why: string): void {
		const { storage, nodeLost } = this.#ports;
		const identity = storage.identity();
		if (!identity) return;
		storage.free();
		this.#over({ type: "replaced", incarnation: identity.incarnation });
		this.#hangUp("the machine is gone");
		nodeLost(why);
	}

	/** Hangs up, and says why. @param id of the frame that this answers @param message a sentence */
	reject(link: NodeLink, id: string, code: string, message: string, retryable = false): void {
		sendFrame(link, { v: PROTOCOL_VERSION, type: "reject", id, incarnation: 0, code, message, retryable });
		link.close(CLOSE_REJECTED, code);
	}

	/** An incarnation is over: told to the dispatcher, and to whoever waits for an answer of it. */
	#over(report: Extract<Report, { type: "lost" | "replaced" }>): void {
		const { storage, reports, silence, rearm } = this.#ports;
		storage.ground();
		storage.putWatch(undefined);
		silence.forget();
		reports.add(report);
		rearm();
	}

	#hangUp(why: string): void {
		for (const link of this.#ports.links()) if (link.incarnation !== undefined) link.close(CLOSE_REPLACED, why);
	}
}
