import { byteSize } from "../../resources/byte-size.ts";
import type { Output } from "../io.ts";

/** A copy that takes no longer shows nothing. */
const QUIET_MS = 1_000;
const EVERY_MS = 250;

/** How far a copy is, in one line of a terminal that is erased at the end. */
export class CopyProgress {
	readonly #output: Output;
	readonly #now: () => number;
	readonly #startedAt: number;
	readonly #total: number | undefined;
	#shownAt = 0;
	#shown = false;

	/** @param total bytes, where they are known */
	constructor(output: Output, now: () => number, total?: number) {
		this.#output = output;
		this.#now = now;
		this.#startedAt = now();
		this.#total = total;
	}

	at(bytes: number): void {
		const now = this.#now();
		if (!this.#output.isTTY || now - this.#startedAt < QUIET_MS || now - this.#shownAt < EVERY_MS) return;
		const rate = byteSize((bytes * 1000) / (now - this.#startedAt));
		const of = this.#total === undefined ? "" : ` of ${byteSize(this.#total)}`;
		this.#output.write(`\r\u001b[K${byteSize(bytes)}${of} copied, ${rate}/s`);
		this.#shownAt = now;
		this.#shown = true;
	}

	end(): void {
		if (this.#shown) this.#output.write("\r\u001b[K");
	}
}
