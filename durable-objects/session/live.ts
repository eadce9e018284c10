import type { Printed } from "./cut-output.ts";
import type { LiveEvent } from "./events.ts";

/** Characters of one call's live output that are kept for readers who come late. */
const KEEP = 30_000;
/** Of what comes after those only the end is kept, for should the command be cut. */
const KEEP_END = 8_000;

/** `start` counts the characters that came before anybody listened: their text is not known here. */
type Shown = { id: string; start: number; text: string; piece(position: number, text: string): LiveEvent };

/**
 * What is being said right now: the text of the model call under way and the output of running commands. In memory
 * only; what matters of it is journaled when it ends.
 */
export class Live {
	readonly #shown = new Map<string, Shown>();
	/** The end of what is longer than {@link KEEP}. */
	readonly #ends = new Map<string, Printed>();

	modelText(run: string, step: number, attempt: number, text: string): void {
		const id = `model:${run}:${step}:${attempt}`;
		this.#add(id, 0, text, (position, piece) => ({ type: "model.delta", run, step, attempt, position, text: piece }));
	}

	/** `offset` counts the characters before this piece: a piece that was seen already is dropped. */
	toolOutput(run: string, callId: string, offset: number, text: string): void {
		const id = `tool:${callId}`;
		const shown = this.#shown.get(id);
		const have = (shown?.start ?? 0) + (shown?.text.length ?? 0);
		if (offset + text.length <= have) return;
		if (have >= KEEP) {
			this.#keepEnd(id, have, { from: offset, text });
			return;
		}
		// A gap: what this memory did not hear is in the journal when the call ends, and what follows is shown.
		if (offset > have) this.#shown.delete(id);
		this.#add(id, offset, text.slice(Math.max(0, have - offset)), (position, piece) => ({
			type: "tool.output",
			run,
			callId,
			position,
			text: piece,
		}));
	}

	/** What is known of what a command that still runs has printed, in order. */
	printed(callId: string): Printed[] {
		const id = `tool:${callId}`;
		const shown = this.#shown.get(id);
		const end = this.#ends.get(id);
		return [...(shown ? [{ from: shown.start, text: shown.text }] : []), ...(end ? [end] : [])];
	}

	/** The whole is in the journal now. */
	endModel(run: string): void {
		for (const id of this.#shown.keys()) if (id.startsWith(`model:${run}:`)) this.#shown.delete(id);
	}

	endTool(callId: string): void {
		this.#shown.delete(`tool:${callId}`);
		this.#ends.delete(`tool:${callId}`);
	}

	/** What a reader has not seen yet. `seen` maps an id to characters seen and is brought up to date. */
	news(seen: Map<string, number>): LiveEvent[] {
		const events: LiveEvent[] = [];
		for (const id of seen.keys()) if (!this.#shown.has(id)) seen.delete(id);
		for (const { id, start, text, piece } of this.#shown.values()) {
			const from = Math.max(seen.get(id) ?? 0, start);
			if (start + text.length <= from) continue;
			events.push(piece(from, text.slice(from - start)));
			seen.set(id, start + text.length);
		}
		return events;
	}

	#add(id: string, start: number, text: string, piece: Shown["piece"]): void {
		const shown = this.#shown.get(id);
		if (shown) shown.text += text;
		else this.#shown.set(id, { id, start, text, piece });
	}

	#keepEnd(id: string, have: number, { from, text }: Printed): void {
		const known = this.#ends.get(id) ?? { from: have, text: "" };
		const end = known.from + known.text.length;
		if (from + text.length <= end) return;
		const joined = from > end ? { from, text } : { from: known.from, text: known.text + text.slice(end - from) };
		const over = Math.max(0, joined.text.length - KEEP_END);
		this.#ends.set(id, { from: joined.from + over, text: joined.text.slice(over) });
	}
}
