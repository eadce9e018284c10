import type { LiveEvent } from "./events.ts";

/** Characters of one call's live output that are kept for readers who come late. */
const KEEP = 30_000;

/** `start` counts the characters that came before anybody listened: their text is not known here. */
type Shown = { id: string; start: number; text: string; piece(position: number, text: string): LiveEvent };

/**
 * What is being said right now: the text of the model call under way and the output of running commands. In memory
 * only; what matters of it is journaled when it ends.
 */
export class Live {
	readonly #shown = new Map<string, Shown>();

	modelText(run: string, step: number, attempt: number, text: string): void {
		const id = `model:${run}:${step}:${attempt}`;
		this.#add(id, 0, text, (position, piece) => ({ type: "model.delta", run, step, attempt, position, text: piece }));
	}

	/** `offset` counts the characters before this piece: a piece that was seen already is dropped. */
	toolOutput(run: string, callId: string, offset: number, text: string): void {
		const id = `tool:${callId}`;
		const shown = this.#shown.get(id);
		const have = (shown?.start ?? 0) + (shown?.text.length ?? 0);
		if (offset + text.length <= have || have >= KEEP) return;
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

	/** The whole is in the journal now. */
	endModel(run: string): void {
		for (const id of this.#shown.keys()) if (id.startsWith(`model:${run}:`)) this.#shown.delete(id);
	}

	endTool(callId: string): void {
		this.#shown.delete(`tool:${callId}`);
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
}
