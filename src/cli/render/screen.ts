import type { StreamItem } from "../follow.ts";
import type { Output } from "../io.ts";
import { Progress } from "../progress.ts";
import { type RenderOptions, type RenderState, render, startRendering } from "./render.ts";

/** A run as it is shown on one output. */
export class Screen {
	readonly #output: Output;
	readonly #progress: Progress | undefined;
	#state: RenderState;

	constructor(output: Output, options: Partial<RenderOptions>) {
		this.#output = output;
		this.#state = startRendering(options);
		// Where nobody watches, the events are progress enough.
		if (output.isTTY) this.#progress = new Progress(output);
	}

	show(item: StreamItem): void {
		const { state, text } = render(this.#state, item);
		this.#state = state;
		if (text === "") return;
		this.#progress?.clear();
		this.#output.write(text);
		if (state.lineStart) this.working("working");
	}

	/** A remark on a line of its own. */
	note(text: string): void {
		this.#progress?.clear();
		this.#output.write(`${this.#state.lineStart ? "" : "\n"}${this.#state.options.style.dim(`(${text})`)}\n`);
		this.#state = { ...this.#state, lineStart: true };
	}

	/** What is going on until the next event. */
	working(text: string): void {
		this.#progress?.show(text);
	}

	/** Nothing more is to come for now. */
	rest(): void {
		this.#progress?.clear();
	}
}
