import type { FakeBody } from "./reply.ts";

interface Block {
	type: string;
	text?: string;
	id?: string;
	tool_use_id?: string;
	input?: unknown;
	cache_control?: unknown;
	content?: unknown;
	is_error?: boolean;
}

/** What the Messages API finds wrong with a request: the rules that an agent's transcript can break. */
export function messagesMistake(body: FakeBody): string | undefined {
	if (!Number.isInteger(body.max_tokens)) return "max_tokens: Field required";
	if (body.stream !== true) return "stream: this fake only streams";
	if (body.messages.length === 0) return "messages: at least one message is required";
	if (body.messages[0]?.role !== "user") return "messages: first message must use the user role";
	let open: string[] = [];
	const seen = new Set<string>();
	let cached = count(Array.isArray(body.system) ? body.system : []);
	for (const [place, message] of body.messages.entries()) {
		const at = `messages.${place}`;
		const blocks: Block[] = typeof message.content === "string" ? [{ type: "text", text: message.content }] : (message.content as Block[]);
		if (blocks.length === 0) return `${at}: all messages must have non-empty content`;
		cached += count(blocks);
		const answered = blocks.filter((block) => block.type === "tool_result").map((block) => block.tool_use_id ?? "");
		const orphan = answered.find((id) => !open.includes(id));
		if (orphan) return `${at}: unexpected tool_use_id found in tool_result blocks: ${orphan}`;
		const owed = open.find((id) => !answered.includes(id));
		if (owed) return `${at}: tool_use ids were found without tool_result blocks immediately after: ${owed}`;
		if (blocks.findLastIndex((block) => block.type === "tool_result") >= answered.length)
			return `${at}: tool_result blocks must come first`;
		open = blocks.filter((block) => block.type === "tool_use").map((block) => block.id ?? "");
		for (const id of open) {
			if (seen.has(id)) return `${at}: tool_use ids must be unique: ${id}`;
			seen.add(id);
		}
		for (const block of blocks) {
			const mistake = blockMistake(block, message.role);
			if (mistake) return `${at}: ${mistake}`;
		}
	}
	if (open.length > 0) return `messages: tool_use ids were found without tool_result blocks: ${open.join(", ")}`;
	return cached > 4 ? "A maximum of 4 blocks with cache_control may be provided." : undefined;
}

function blockMistake(block: Block, role: string): string | undefined {
	switch (block.type) {
		case "text":
			return block.text?.trim() ? undefined : "text content blocks must contain non-whitespace text";
		case "tool_use":
			if (role !== "assistant") return "tool_use blocks can only be in assistant messages";
			if (!/^[a-zA-Z0-9_-]+$/.test(block.id ?? "")) return "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
			return isObject(block.input) ? undefined : "tool_use.input: Input should be a valid dictionary";
		case "tool_result":
			if (role !== "user") return "tool_result blocks can only be in user messages";
			return block.is_error && !block.content ? "content cannot be empty if is_error is true" : undefined;
		case "thinking":
			return block.cache_control ? "thinking blocks cannot have cache_control" : undefined;
		default:
			return undefined;
	}
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
const count = (blocks: Block[]) => blocks.filter((block) => block.cache_control).length;
