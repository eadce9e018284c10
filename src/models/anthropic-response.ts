import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import type { AssistantMessage, Message, ToolCall, Usage } from "./message.ts";
import type { ModelResponse, StopReason } from "./port.ts";
import { withOwnIds } from "./tool-call.ts";

type Block =
	| { type: "text"; text: string }
	| { type: "call"; id: string; name: string; input: unknown; json: string }
	// Reasoning: handed back to the API as it came.
	| { type: "opaque"; block: Record<string, unknown> };

const STOP_REASONS: Record<string, StopReason> = {
	tool_use: "tool_calls",
	max_tokens: "max_tokens",
	model_context_window_exceeded: "max_tokens",
	refusal: "refusal",
};

/** Puts the events of one Messages API stream together. */
export class AnthropicResponse {
	/** `message_stop` came: nothing is missing. */
	complete = false;
	/** Events so far. */
	events = 0;
	readonly #blocks = new Map<number, Block>();
	readonly #usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
	#stop: string | null = null;

	/** Takes one event; returns the text to show, if any. */
	push(event: RawMessageStreamEvent): string {
		this.events++;
		switch (event.type) {
			case "message_start":
				this.#count(event.message.usage);
				return "";
			case "content_block_start":
				return this.#open(event.index, event.content_block);
			case "content_block_delta":
				return this.#extend(event.index, event.delta);
			case "message_delta":
				this.#stop = event.delta.stop_reason ?? this.#stop;
				this.#count(event.usage);
				return "";
			case "message_stop":
				this.complete = true;
				return "";
			default:
				return "";
		}
	}

	/** @param messages What was asked: call ids are unique over it. */
	response(messages: readonly Message[]): ModelResponse {
		const content: AssistantMessage["content"] = [];
		const opaque: NonNullable<AssistantMessage["opaque"]> = [];
		const refused = this.#stop === "refusal";
		const calls = withOwnIds(refused ? [] : this.#calls(), messages);
		for (const block of this.#blocks.values()) {
			if (block.type === "opaque") opaque.push({ provider: "anthropic", before: content.length, json: JSON.stringify(block.block) });
			else if (block.type === "text") content.push({ type: "text", text: block.text });
			// A refused answer asks for nothing: its calls may be cut off.
			else if (!refused) content.push(...calls.splice(0, 1));
		}
		const message: AssistantMessage = { role: "assistant", content };
		if (opaque.length > 0 && !refused) message.opaque = opaque;
		return { message, stopReason: this.#stopReason(content), usage: { ...this.#usage } };
	}

	#stopReason(content: AssistantMessage["content"]): StopReason {
		const mapped = STOP_REASONS[this.#stop ?? ""] ?? "end_turn";
		const calls = content.some((block) => block.type === "tool_call");
		if (mapped === "tool_calls" || mapped === "end_turn") return calls ? "tool_calls" : "end_turn";
		return mapped;
	}

	#calls(): ToolCall[] {
		return [...this.#blocks.values()].flatMap((block) =>
			block.type === "call"
				? [{ type: "tool_call", id: block.id, name: block.name, arguments: block.json || JSON.stringify(block.input ?? {}) }]
				: [],
		);
	}

	#open(index: number, block: Extract<RawMessageStreamEvent, { type: "content_block_start" }>["content_block"]): string {
		switch (block.type) {
			case "text":
				this.#blocks.set(index, { type: "text", text: block.text });
				return block.text;
			case "tool_use":
				this.#blocks.set(index, { type: "call", id: block.id, name: block.name, input: block.input, json: "" });
				return "";
			case "thinking":
			case "redacted_thinking":
				this.#blocks.set(index, { type: "opaque", block: { ...block } });
				return "";
			default:
				// Blocks of server tools, which klaw never offers.
				return "";
		}
	}

	#extend(index: number, delta: Extract<RawMessageStreamEvent, { type: "content_block_delta" }>["delta"]): string {
		const block = this.#blocks.get(index);
		if (delta.type === "text_delta" && block?.type === "text") {
			block.text += delta.text;
			return delta.text;
		}
		if (delta.type === "input_json_delta" && block?.type === "call") block.json += delta.partial_json;
		if (delta.type === "thinking_delta" && block?.type === "opaque")
			block.block.thinking = `${block.block.thinking ?? ""}${delta.thinking}`;
		if (delta.type === "signature_delta" && block?.type === "opaque") block.block.signature = delta.signature;
		return "";
	}

	/** Counts are cumulative; what an event leaves out stands as it was. */
	#count(
		usage: Partial<Record<"input_tokens" | "output_tokens" | "cache_read_input_tokens" | "cache_creation_input_tokens", number | null>>,
	): void {
		this.#usage.input = usage.input_tokens ?? this.#usage.input;
		this.#usage.output = usage.output_tokens ?? this.#usage.output;
		this.#usage.cacheRead = usage.cache_read_input_tokens ?? this.#usage.cacheRead;
		this.#usage.cacheWrite = usage.cache_creation_input_tokens ?? this.#usage.cacheWrite;
	}
}
