import type { ContentBlockParam, MessageParam, TextBlockParam, Tool } from "@anthropic-ai/sdk/resources/messages";
import type { AssistantMessage, Message } from "./message.ts";
import type { ModelTool } from "./port.ts";
import { callInput, wireCallId } from "./tool-call.ts";

interface Turn {
	role: "user" | "assistant";
	content: ContentBlockParam[];
}

const EPHEMERAL = { type: "ephemeral" } as const;

/**
 * A transcript in the Messages API's form, with a cache breakpoint at its end. Each message is converted once and kept
 * beside it, so that a long run does not convert its transcript again at every step.
 */
export function toAnthropicMessages(messages: readonly Message[]): MessageParam[] {
	const lastUser = messages.findLastIndex((message) => message.role === "user");
	const turns: Turn[] = [];
	for (const [index, message] of messages.entries()) {
		const turn = index > lastUser && message.role === "assistant" ? reasoned(message) : converted(message);
		if (turn.content.length === 0) continue;
		const last = turns.at(-1);
		// Results and the user's next words are one message, the results first, as they come in the transcript.
		if (last?.role === turn.role) turns[turns.length - 1] = { role: turn.role, content: [...last.content, ...turn.content] };
		else turns.push(turn);
	}
	const last = turns.at(-1);
	const block = last?.content.at(-1);
	if (last?.role !== "user" || !block) return turns;
	const content = [...last.content.slice(0, -1), { ...block, cache_control: EPHEMERAL } as ContentBlockParam];
	return [...turns.slice(0, -1), { role: "user", content }];
}

export function toAnthropicSystem(system: string): TextBlockParam[] | undefined {
	return system.trim() === "" ? undefined : [{ type: "text", text: system, cache_control: EPHEMERAL }];
}

const tools = new WeakMap<ModelTool, Tool>();

export function toAnthropicTool(tool: ModelTool): Tool {
	const known = tools.get(tool);
	if (known) return known;
	const made: Tool = { name: tool.name, description: tool.description, input_schema: { ...tool.parameters, type: "object" } };
	tools.set(tool, made);
	return made;
}

const turns = new WeakMap<Message, Turn>();

function converted(message: Message): Turn {
	const known = turns.get(message);
	if (known) return known;
	const made = convert(message);
	turns.set(message, made);
	return made;
}

const reasonedTurns = new WeakMap<AssistantMessage, Turn>();

/**
 * With the model's reasoning in its place. Within a run it is owed to the API; after it the API would check it against
 * instructions, tools and a model that may all have changed since, and refuse the request.
 */
function reasoned(message: AssistantMessage): Turn {
	const own = message.opaque?.filter((block) => block.provider === "anthropic") ?? [];
	if (own.length === 0) return converted(message);
	const known = reasonedTurns.get(message);
	if (known) return known;
	const content: ContentBlockParam[] = [];
	for (let place = 0; place <= message.content.length; place++) {
		for (const block of own) if (block.before === place) content.push(JSON.parse(block.json) as ContentBlockParam);
		const block = message.content[place];
		if (block) content.push(...assistantBlocks([block]));
	}
	const made: Turn = { role: "assistant", content };
	reasonedTurns.set(message, made);
	return made;
}

function convert(message: Message): Turn {
	switch (message.role) {
		case "user":
			return { role: "user", content: textBlocks(message.content.map((block) => block.text)) };
		case "assistant":
			return { role: "assistant", content: assistantBlocks(message.content) };
		case "tool":
			return {
				role: "user",
				content: message.results.map((result) => ({
					type: "tool_result",
					tool_use_id: wireCallId(result.id),
					content: result.content.trim() === "" ? "(no output)" : result.content,
					...(result.isError ? { is_error: true } : {}),
				})),
			};
	}
}

function assistantBlocks(content: AssistantMessage["content"]): ContentBlockParam[] {
	return content.flatMap((block): ContentBlockParam[] => {
		if (block.type === "text") return textBlocks([block.text]);
		return [{ type: "tool_use", id: wireCallId(block.id), name: block.name, input: callInput(block.arguments) }];
	});
}

/** The API refuses blocks without visible text. */
function textBlocks(texts: string[]): TextBlockParam[] {
	return texts.filter((text) => text.trim() !== "").map((text) => ({ type: "text", text }));
}
