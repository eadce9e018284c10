import { PING, PONG } from "../../containers/node/protocol.ts";
import type { LinkHandlers, LinkMessage, NodeLink } from "./link.ts";

/**
 * A socket that was dialled into a container. It does not hibernate, and the object's memory ends it; the machine takes the
 * next one and goes on meanwhile.
 */
export class ContainerLink implements NodeLink {
	readonly #socket: WebSocket;
	readonly #now: () => number;
	#incarnation: number | undefined;
	#heardAt = 0;
	#ended = false;

	/** @param socket not yet accepted */
	constructor(socket: WebSocket, handlers: LinkHandlers, now: () => number) {
		this.#socket = socket;
		this.#now = now;
		// The default of new compatibility dates is a Blob, which can only be read by waiting.
		socket.binaryType = "arraybuffer";
		socket.addEventListener("message", ({ data }) => this.#hear(data, handlers));
		const end = () => this.#end(handlers);
		socket.addEventListener("close", end);
		socket.addEventListener("error", end);
		socket.accept();
	}

	get incarnation(): number | undefined {
		return this.#incarnation;
	}

	get open(): boolean {
		return !this.#ended && this.#socket.readyState === WebSocket.OPEN;
	}

	heardAt(): number {
		return this.#heardAt;
	}

	admit(incarnation: number, now: number): void {
		this.#incarnation = incarnation;
		this.#heardAt = now;
	}

	send(message: LinkMessage): boolean {
		if (!this.open) return false;
		try {
			this.#socket.send(message);
			return true;
		} catch {
			return false;
		}
	}

	close(code: number, reason: string): void {
		this.#ended = true;
		this.#incarnation = undefined;
		try {
			this.#socket.close(code, reason);
		} catch {
			// It had ended already.
		}
	}

	is(other: NodeLink): boolean {
		return other === this;
	}

	#hear(data: unknown, handlers: LinkHandlers): void {
		if (this.#ended) return;
		if (this.#incarnation !== undefined) this.#heardAt = this.#now();
		if (data === PING) this.send(PONG);
		else if (typeof data === "string") void handlers.message(this, data);
		else if (data instanceof ArrayBuffer) void handlers.message(this, new Uint8Array(data));
	}

	#end(handlers: LinkHandlers): void {
		if (this.#ended) return;
		this.#ended = true;
		void handlers.lost(this);
	}
}
