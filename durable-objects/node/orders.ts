import { type Hello, PROTOCOL_VERSION, type ToNode } from "../../containers/node/protocol.ts";
import type { LinkMessage } from "./link.ts";
import type { NodeStorage } from "./node-storage.ts";

/** Of a session that leaves the machine. */
const LEAVING = ["rest", "leave"];

interface Place {
	session: string;
	workspace: string;
}

export interface StopOrder {
	callId: string;
	session: string;
	incarnation: number;
	reason: string;
}

/** Of so many calls is kept in memory that the machine did not have them: the call itself may still be on its way here. */
const OBEYED = 1_000;

/** What a machine must do even if it is away now. Kept until it says that it obeyed: what a socket took is not yet read. */
export class Orders {
	readonly #storage: NodeStorage;
	readonly #send: (message: LinkMessage) => boolean;
	readonly #obeyed = new Set<string>();

	/** @param send to the machine; `false` when it is away */
	constructor(storage: NodeStorage, send: (message: LinkMessage) => boolean) {
		this.#storage = storage;
		this.#send = send;
	}

	stop({ callId: id, session, incarnation, reason }: StopOrder): void {
		this.#give(`stop:${id}`, { v: PROTOCOL_VERSION, type: "cancel", id, incarnation, session, reason });
	}

	/** The call was to be stopped before it could be sent. */
	isStopped(callId: string): boolean {
		return this.#obeyed.has(callId) || this.#storage.hasOrder(`stop:${callId}`);
	}

	answered(callId: string): void {
		this.#storage.done(`stop:${callId}`);
	}

	/** The machine does not have the call that it was to stop. */
	obeyed(callId: string): void {
		const id = `stop:${callId}`;
		if (!this.#storage.hasOrder(id)) return;
		this.#storage.done(id);
		this.#obeyed.add(callId);
		for (const oldest of this.#obeyed) {
			if (this.#obeyed.size <= OBEYED) break;
			this.#obeyed.delete(oldest);
		}
	}

	forget({ session, workspace }: Place, incarnation: number): void {
		this.#give(`forget:${workspace}`, { v: PROTOCOL_VERSION, type: "forget", id: workspace, incarnation, session, workspace });
	}

	forgotten(workspace: string): void {
		for (const kind of ["forget", "leave"]) this.#storage.done(`${kind}:${workspace}`);
	}

	/** A session has its files elsewhere, and may come back: see {@link Orders.keep}. @param held see {@link Orders.due} */
	leave({ session, workspace }: Place, incarnation: number, held: boolean): void {
		this.#give(`leave:${workspace}`, { v: PROTOCOL_VERSION, type: "forget", id: workspace, incarnation, session, workspace }, held);
	}

	/** Nothing is to run in the workspace any more. @param held see {@link Orders.due} @returns false when it was not sent */
	rest({ session, workspace }: Place, incarnation: number, held: boolean): boolean {
		return this.#give(`rest:${workspace}`, { v: PROTOCOL_VERSION, type: "rest", id: workspace, incarnation, session, workspace }, held);
	}

	/** Nothing of the session is under way any more: what was held until then is said. Said twice it does no harm. */
	due(session: string, incarnation: number): void {
		for (const { id, frame } of this.#storage.orders())
			if (sessionOf(id, frame) === session) this.#send(JSON.stringify({ ...JSON.parse(frame), incarnation }));
	}

	/** The directory of a session that has its files elsewhere is to go, or has to wait for that. */
	isLeaving(workspace: string): boolean {
		return this.#storage.hasOrder(`leave:${workspace}`);
	}

	rested(workspace: string): void {
		this.#storage.done(`rest:${workspace}`);
	}

	/** The session uses the workspace again. Said once more, an order of before would take away what it has begun since. */
	keep(workspace: string): void {
		for (const kind of LEAVING) this.#storage.done(`${kind}:${workspace}`);
	}

	/**
	 * The machine is back. An order about a call that it does not know is obeyed by that, and one that it cannot obey ends.
	 *
	 * @param isUsed something of the session is under way there: what it leaves has to wait
	 */
	repeat(hello: Hello, incarnation: number, isUsed: (session: string) => boolean): void {
		const known = new Set(hello.calls.map(({ callId }) => `stop:${callId}`));
		const rests = hello.node.features?.includes("rest");
		const owed = this.#storage.orders();
		// Calls are stopped before the rest of their session ends: they can say so.
		owed.sort((a, b) => Number(b.id.startsWith("stop:")) - Number(a.id.startsWith("stop:")));
		for (const { id, frame } of owed) {
			if ((id.startsWith("stop:") && !known.has(id)) || (id.startsWith("rest:") && !rests)) this.#storage.done(id);
			else if (isUsed(sessionOf(id, frame) ?? "")) continue;
			// Given to an earlier incarnation, it would be refused.
			else this.#send(JSON.stringify({ ...JSON.parse(frame), incarnation }));
		}
	}

	#give(id: string, frame: ToNode, held = false): boolean {
		const text = JSON.stringify(frame);
		this.#storage.order(id, text);
		return !held && this.#send(text);
	}
}

/** Absent: the order is not one of a session that leaves. */
function sessionOf(id: string, frame: string): string | undefined {
	return LEAVING.some((kind) => id.startsWith(`${kind}:`)) ? String(JSON.parse(frame).session) : undefined;
}
