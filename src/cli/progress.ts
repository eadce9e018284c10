import { Writable } from "node:stream";
import yoctoSpinner from "yocto-spinner";
import type { Output } from "./io.ts";

/** Shorter work needs no sign that it is under way. */
const DELAY_MS = 1_000;

/** Says what is going on when it takes longer than a second: with a spinner on a terminal, elsewhere with a line. */
export class Progress {
	readonly #output: Output;
	#timer: NodeJS.Timeout | undefined;
	#text: string | undefined;
	#spinner: { text: string; stop(): unknown } | undefined;

	constructor(output: Output) {
		this.#output = output;
	}

	/** `text` is what klaw is doing, e.g. `waiting for the node`. Replaces what was said before. */
	show(text: string): void {
		if (text === this.#text) return;
		this.#text = text;
		if (this.#spinner) this.#spinner.text = text;
		else this.#timer ??= setTimeout(() => this.#begin(), DELAY_MS).unref();
	}

	/** To be called before anything else is written to the same terminal. */
	clear(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#text = undefined;
		this.#spinner?.stop();
		this.#spinner = undefined;
	}

	#begin(): void {
		this.#timer = undefined;
		if (this.#text === undefined) return;
		// The command decides itself what a Ctrl-C means.
		if (this.#output.isTTY && this.#output instanceof Writable)
			this.#spinner = yoctoSpinner({ text: this.#text, stream: this.#output, handleSignals: false }).start();
		else this.#output.write(`${this.#text} …\n`);
	}
}
