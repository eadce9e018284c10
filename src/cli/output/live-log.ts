import type { Journaled, LiveEvent } from "../../../durable-objects/session/events.ts";
import { textOf } from "../../models/message.ts";
import { isJournaled, type StreamItem } from "../follow.ts";
import { printable } from "../render/style.ts";
import { added, resultText } from "../render/tool-calls.ts";
import { formatLogEntry, INDENT } from "./log-entry.ts";

/**
 * A log that somebody watches: beside the journal, what a model says and a tool prints while it is under way. The event
 * that comes at the end then holds what was not shown, so that every character is written once.
 */
export class LiveLog {
	/** What was shown of each text under way, by {@link keyOf}. */
	readonly #shown = new Map<string, string>();
	/** Names of the calls that have started, by their id. */
	readonly #names = new Map<string, string>();
	/** The text that was written last. */
	#current: string | undefined;
	#lineStart = true;

	/** What to write now. */
	push(item: StreamItem): string {
		return isJournaled(item) ? this.#journaled(item) : this.#live(item);
	}

	/** What to write when nothing more comes. */
	end(): string {
		const text = this.#lineStart ? "" : "\n";
		this.#lineStart = true;
		return text;
	}

	#live(live: LiveEvent): string {
		const key = keyOf(live);
		const shown = this.#shown.get(key) ?? "";
		// After a gap nothing fits: the event at the end brings what is missing.
		if (live.position > shown.length) return "";
		const heard = shown.slice(0, live.position) + live.text;
		// The model was asked again and says something else: that is a new beginning.
		if (live.type === "model.delta" && !heard.startsWith(shown) && !shown.startsWith(heard)) {
			this.#shown.delete(key);
			this.#current = undefined;
		}
		return this.#text(key, this.#titleOf(live), heard);
	}

	#journaled(item: Journaled): string {
		const { event } = item;
		if (event.type === "tools.started") for (const { callId, name } of event.calls) this.#names.set(callId, name);
		let rest = "";
		let textShown = false;
		if (event.type === "tool.completed") {
			const key = `call ${event.callId}`;
			textShown = this.#shown.has(key);
			if (textShown) rest = this.#text(key, `tool.output ${event.name}`, resultText(event.content, this.#shown.get(key) ?? ""));
			this.#shown.delete(key);
		}
		if (event.type === "model.completed") {
			const step = `model ${event.run} ${event.step} `;
			const text = textOf(event.message);
			const key = [...this.#shown.keys()].findLast((key) => key.startsWith(step) && text.startsWith(this.#shown.get(key) ?? ""));
			textShown = key !== undefined;
			if (key !== undefined) rest = this.#text(key, `model.delta step ${event.step}`, text);
			for (const key of [...this.#shown.keys()]) if (key.startsWith(step)) this.#shown.delete(key);
		}
		this.#current = undefined;
		return rest + this.end() + formatLogEntry(item, { textShown });
	}

	/** The text under `key` is now known to be `text`. */
	#text(key: string, title: string, text: string): string {
		const shown = this.#shown.get(key) ?? "";
		const more = printable(added(shown, text));
		if (!shown.startsWith(text)) this.#shown.set(key, text);
		if (more === "") return "";
		const head = key === this.#current ? "" : `${this.end()}${INDENT}… ${title}\n`;
		this.#current = key;
		// Each line is indented when its first character is there.
		const body = more.replace(/\n(?=[^\n])/g, `\n${INDENT}`);
		const indent = this.#lineStart && !more.startsWith("\n") ? INDENT : "";
		this.#lineStart = more.endsWith("\n");
		return head + indent + body;
	}

	#titleOf(live: LiveEvent): string {
		return live.type === "model.delta" ? `model.delta step ${live.step}` : `tool.output ${this.#names.get(live.callId) ?? ""}`.trimEnd();
	}
}

/** An attempt of a step, or a call. */
function keyOf(live: LiveEvent): string {
	return live.type === "model.delta" ? `model ${live.run} ${live.step} ${live.attempt}` : `call ${live.callId}`;
}
