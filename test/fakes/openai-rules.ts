import type { FakeBody } from "./reply.ts";

interface WireCall {
	id?: string;
	type?: string;
	function?: { name?: string; arguments?: unknown };
}

/** What the Chat Completions API finds wrong with a request: the rules that an agent's transcript can break. */
export function chatMistake(body: FakeBody): string | undefined {
	if (body.stream !== true) return "stream: this fake only streams";
	if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined)
		return "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
	if (body.messages.length === 0) return "Invalid 'messages': empty array. Expected an array with minimum length 1";
	let open: string[] = [];
	for (const [place, message] of body.messages.entries()) {
		if (message.role === "tool") {
			const id = String(message.tool_call_id ?? "");
			if (!open.includes(id))
				return `Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'. (messages.[${place}])`;
			if (typeof message.content !== "string") return `Invalid type for 'messages[${place}].content': expected a string.`;
			open = open.filter((owed) => owed !== id);
			continue;
		}
		if (open.length > 0) return unanswered(open);
		const calls = (message.tool_calls as WireCall[] | undefined) ?? [];
		if (!message.content && calls.length === 0) return `Invalid value for 'content': expected a string, got null. (messages.[${place}])`;
		const wrong = calls.find(
			(call) => call.type !== "function" || typeof call.function?.arguments !== "string" || !isJson(call.function.arguments),
		);
		if (wrong) return `Invalid 'messages[${place}].tool_calls': ${JSON.stringify(wrong)}`;
		open = calls.map((call) => call.id ?? "");
		if (open.some((id) => id === "" || id.length > 40))
			return `Invalid 'messages[${place}].tool_calls[0].id': expected a string of 1 to 40 characters.`;
		if (new Set(open).size < open.length) return `Invalid 'messages[${place}].tool_calls': duplicate ids.`;
	}
	return open.length > 0 ? unanswered(open) : undefined;
}

const unanswered = (ids: string[]) =>
	`An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(", ")}`;

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
