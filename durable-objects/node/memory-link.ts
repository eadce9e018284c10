import { PING, PONG } from "../../containers/node/protocol.ts";
import type { LinkHandlers, LinkMessage, NodeLink } from "./link.ts";

/** The machine's end of a {@link MemoryLink}. */
export interface MemoryPeer {
	/** What the object says. */
	hear(message: LinkMessage): void;
	/** The object hung up, or the connection was cut. */
	ended(code: number, reason: string): void;
}

/** A connection whose two ends are in one process: messages are handed over one turn later, in order. */
export class MemoryLink implements NodeLink {
	readonly #handlers: LinkHandlers;
	readonly #peer: MemoryPeer;
	readonly #now: () => number;
	#incarnation: number | undefined;
	#heardAt = 0;
	#open = true;

	constructor(handlers: LinkHandlers, peer: MemoryPeer, now: () => number) {
		this.#handlers = handlers;
		this.#peer = peer;
		this.#now = now;
	}

	get incarnation(): number | undefined {
		return this.#incarnation;
	}

	get open(): boolean {
		return this.#open;
	}

	heardAt(): number {
		return this.#heardAt;
	}

	admit(incarnation: number, now: number): void {
		this.#incarnation = incarnation;
		this.#heardAt = now;
	}

	send(message: LinkMessage): boolean {
		if (!this.#open) return false;
		queueMicrotask(() => this.#peer.hear(message));
		return true;
	}

	close(code: number, reason: string): void {
		if (!this.#open) return;
		this.#open = false;
		this.#incarnation = undefined;
		queueMicrotask(() => this.#peer.ended(code, reason));
	}

	is(other: NodeLink): boolean {
		return other === this;
	}

	/** The machine says something. */
	fromPeer(message: LinkMessage): void {
		if (!this.#open) return;
		if (this.#incarnation !== undefined) this.#heardAt = this.#now();
		if (message === PING) this.send(PONG);
		else queueMicrotask(() => this.#open && void this.#handlers.message(this, message));
	}

	/** The connection breaks: both ends are told, each in its time. */
	cut(): void {
		if (!this.#open) return;
		this.#open = false;
		queueMicrotask(() => this.#peer.ended(1006, ""));
		queueMicrotask(() => void this.#handlers.lost(this));
	}
}
