import { DATA_BYTES, WINDOW_BYTES } from "../../containers/node/exec/protocol.ts";

/** Bytes of one command's input that wait for room. What a client sends cannot be held back, and an isolate has 128 MB. */
export const INPUT_LIMIT_BYTES = 32 * 1024 * 1024;

/** Longer than any object stays awake by itself: see {@link ExecInput}. */
const AWAKE_MS = 3_600_000;

export interface ExecInputPorts {
	/** At most `DATA_BYTES`. */
	send(bytes: Uint8Array): void;
	end(): void;
}

/**
 * One command's input, passed on as far as the machine has room. While some of it waits a timer keeps the object from
 * hibernating, since its memory would be lost. Without this memory the machine only has more under way than it said.
 */
export class ExecInput {
	readonly #ports: ExecInputPorts;
	#queue: Uint8Array[] = [];
	#waiting = 0;
	#underWay = 0;
	#ended = false;
	#awake: ReturnType<typeof setInterval> | undefined;

	constructor(ports: ExecInputPorts) {
		this.#ports = ports;
	}

	/** `false`: too much waits already, and these bytes are dropped. */
	write(bytes: Uint8Array): boolean {
		if (this.#waiting + bytes.byteLength > INPUT_LIMIT_BYTES) return false;
		for (let at = 0; at < bytes.byteLength; at += DATA_BYTES) this.#queue.push(bytes.subarray(at, at + DATA_BYTES));
		this.#waiting += bytes.byteLength;
		this.#pump();
		return true;
	}

	/** After what waits. */
	end(): void {
		this.#ended = true;
		this.#pump();
	}

	/** So many bytes were taken by the command. */
	credit(bytes: number): void {
		this.#underWay = Math.max(0, this.#underWay - bytes);
		this.#pump();
	}

	/** Drops what waits. */
	close(): void {
		this.#queue = [];
		clearInterval(this.#awake);
	}

	#pump(): void {
		let sent = 0;
		for (const piece of this.#queue) {
			if (this.#underWay + piece.byteLength > WINDOW_BYTES) break;
			this.#ports.send(piece);
			this.#underWay += piece.byteLength;
			this.#waiting -= piece.byteLength;
			sent += 1;
		}
		this.#queue.splice(0, sent);
		if (this.#queue.length > 0) {
			this.#awake ??= setInterval(() => undefined, AWAKE_MS);
			return;
		}
		clearInterval(this.#awake);
		this.#awake = undefined;
		if (this.#ended) this.#ports.end();
		this.#ended = false;
	}
}
