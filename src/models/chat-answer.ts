import type { AssistantMessage, Message, ToolCall, Usage } from "./message.ts";
import type { ModelResponse, StopReason } from "./port.ts";
import { withOwnIds } from "./tool-call.ts";

/** A chunk of a Chat Completions stream, as loosely as the servers that speak it take it. */
export interface ChatChunk {
	choices?: readonly ChatChoice[] | null;
	usage?: ChatUsage | null;
}

export interface ChatChoice {
	delta?: ChatDelta | null;
	finish_reason?: string | null;
}

export interface ChatDelta {
	content?: string | null;
	refusal?: string | null;
	tool_calls?: readonly ChatToolCall[] | null;
}

export interface ChatToolCall {
	index?: number | null;
	id?: string | null;
	function?: { name?: string | null; arguments?: unknown } | null;
}

export interface ChatUsage {
	prompt_tokens?: number;
	completion_tokens?: number;
	prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number } | null;
}

const STOP_REASONS: Record<string, StopReason> = { length: "max_tokens", content_filter: "refusal" };

/** Puts the chunks of one Chat Completions stream together. */
export class ChatAnswer {
	/** Why the model stopped, once it has: without it something is missing. */
	finish: string | undefined;
	/** Chunks so far. */
	chunks = 0;
	#text = "";
	#refused = false;
	readonly #calls: (ToolCall & { index: number | undefined })[] = [];
	#usage: ChatUsage = {};

	/** Takes one chunk; returns the text to show, if any. */
	push(chunk: ChatChunk): string {
		this.chunks++;
		if (chunk.usage) this.#usage = chunk.usage;
		const choice = chunk.choices?.[0];
		if (!choice) return "";
		if (choice.finish_reason) this.finish = choice.finish_reason;
		for (const call of choice.delta?.tool_calls ?? []) this.#pushCall(call);
		const { content, refusal } = choice.delta ?? {};
		if (refusal) this.#refused = true;
		const text = (content ?? "") + (refusal ?? "");
		this.#text += text;
		return text;
	}

	/** @param messages What was asked: call ids are unique over it. */
	response(messages: readonly Message[]): ModelResponse {
		const stop = this.#refused ? "refusal" : STOP_REASONS[this.finish ?? ""];
		// A refused answer asks for nothing: its calls may be cut off.
		const calls = withOwnIds(stop === "refusal" ? [] : this.#calls.map(({ index: _, ...call }) => call), messages);
		const content: AssistantMessage["content"] = this.#text === "" ? [] : [{ type: "text", text: this.#text }];
		content.push(...calls);
		// Local servers say "stop" when they call tools.
		return {
			message: { role: "assistant", content },
			stopReason: stop ?? (calls.length > 0 ? "tool_calls" : "end_turn"),
			usage: usageOf(this.#usage),
		};
	}

	#pushCall({ index, id, function: fn }: ChatToolCall): void {
		const piece =
			fn?.arguments === undefined || fn.arguments === null
				? ""
				: typeof fn.arguments === "string"
					? fn.arguments
					: JSON.stringify(fn.arguments);
		const open = this.#openCall(index ?? undefined, id ?? "", fn?.name ?? "");
		if (open) {
			open.id ||= id ?? "";
			open.name ||= fn?.name ?? "";
			open.arguments += piece;
		} else if (fn?.name || piece) {
			// Neither name nor arguments: the mark of a call's end that some models of Workers AI send.
			this.#calls.push({ type: "tool_call", index: index ?? undefined, id: id ?? "", name: fn?.name ?? "", arguments: piece });
		}
	}

	/** The call that a piece belongs to; `undefined` when it begins another. */
	#openCall(index: number | undefined, id: string, name: string) {
		// Without an index a piece with a name begins a call and one without goes on with the last.
		if (index === undefined) return name ? undefined : this.#calls.at(-1);
		const open = this.#calls.findLast((call) => call.index === index);
		// Gemini's endpoint gives all parallel calls index 0 and tells them apart by id.
		return open && id && open.id && open.id !== id && name ? undefined : open;
	}
}

function usageOf(usage: ChatUsage): Usage {
	const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
	const cacheWrite = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
	const input = Math.max(0, (usage.prompt_tokens ?? 0) - cacheRead - cacheWrite);
	return { input, output: usage.completion_tokens ?? 0, cacheRead, cacheWrite };
}
