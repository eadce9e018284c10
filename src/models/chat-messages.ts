import type {
	ChatCompletionAssistantMessageParam,
	ChatCompletionFunctionTool,
	ChatCompletionMessageParam,
	ChatCompletionToolMessageParam,
	ChatCompletionUserMessageParam,
} from "openai/resources/chat/completions";
import { type AssistantMessage, type Message, type ToolMessage, textOf, toolCallsOf } from "./message.ts";
import type { ModelTool } from "./port.ts";
import { callInputText, wireCallId } from "./tool-call.ts";

/**
 * A transcript in the form of the Chat Completions API. Each message is converted once and kept beside it, so that a
 * long run does not convert its transcript again at every step.
 */
export function toChatMessages(system: string, messages: readonly Message[]): ChatCompletionMessageParam[] {
	const chat: ChatCompletionMessageParam[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
	for (const message of messages) {
		for (const made of converted(message)) {
			const last = chat.at(-1);
			// Chat templates of some local models fail on two user messages in a row.
			if (last?.role === "user" && made.role === "user")
				chat[chat.length - 1] = { role: "user", content: `${last.content}\n\n${made.content}` };
			else chat.push(made);
		}
	}
	return chat;
}

const tools = new WeakMap<ModelTool, ChatCompletionFunctionTool>();

export function toChatTool(tool: ModelTool): ChatCompletionFunctionTool {
	const known = tools.get(tool);
	if (known) return known;
	const { name, description, parameters } = tool;
	const made: ChatCompletionFunctionTool = { type: "function", function: { name, description, parameters } };
	tools.set(tool, made);
	return made;
}

const conversions = new WeakMap<Message, ChatCompletionMessageParam[]>();

function converted(message: Message): ChatCompletionMessageParam[] {
	const known = conversions.get(message);
	if (known) return known;
	const made = message.role === "user" ? user(textOf(message)) : message.role === "assistant" ? assistant(message) : results(message);
	conversions.set(message, made);
	return made;
}

function user(content: string): ChatCompletionUserMessageParam[] {
	return content.trim() === "" ? [] : [{ role: "user", content }];
}

function assistant(message: AssistantMessage): ChatCompletionAssistantMessageParam[] {
	const text = textOf(message);
	const content = text.trim() === "" ? null : text;
	const calls = toolCallsOf(message).map((call) => ({
		id: wireCallId(call.id),
		type: "function" as const,
		function: { name: call.name, arguments: callInputText(call.arguments) },
	}));
	if (calls.length > 0) return [{ role: "assistant", content, tool_calls: calls }];
	return content === null ? [] : [{ role: "assistant", content }];
}

/** The API has no mark for errors, so the text says it. */
function results(message: ToolMessage): ChatCompletionToolMessageParam[] {
	return message.results.map(({ id, content, isError }) => {
		const text = content.trim() === "" ? "(no output)" : content;
		return { role: "tool", tool_call_id: wireCallId(id), content: isError ? `Error: ${text}` : text };
	});
}
