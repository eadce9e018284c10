/**
 * Messages in klaw's own, provider-neutral form. They are journaled like this and turned into a provider's wire
 * format only in `src/models/<provider>.ts`.
 */

export interface TextBlock {
	type: "text";
	text: string;
}

/** A call the model asks for. `arguments` is the raw JSON text as the model wrote it, valid or not. */
export interface ToolCall {
	type: "tool_call";
	id: string;
	name: string;
	arguments: string;
}

export interface UserMessage {
	role: "user";
	content: TextBlock[];
}

export interface AssistantMessage {
	role: "assistant";
	content: (TextBlock | ToolCall)[];
	/** What its provider wants back unchanged and nobody else can read, such as signed reasoning. */
	opaque?: OpaqueBlock[];
}

/** `json` is the block in the provider's own form; it stands before `content[before]`. */
export interface OpaqueBlock {
	provider: string;
	before: number;
	json: string;
}

/** The results of one assistant message's calls, in call order, none missing. */
export interface ToolMessage {
	role: "tool";
	results: ToolCallResult[];
}

export interface ToolCallResult {
	/** {@link ToolCall.id} */
	id: string;
	name: string;
	content: string;
	isError: boolean;
}

export type Message = UserMessage | AssistantMessage | ToolMessage;

/** Tokens. `input` counts what was neither read from nor written to a cache. */
export interface Usage {
	input: number;
	output: number;
	cacheRead: number;
	cacheWrite: number;
}

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
	return {
		input: a.input + b.input,
		output: a.output + b.output,
		cacheRead: a.cacheRead + b.cacheRead,
		cacheWrite: a.cacheWrite + b.cacheWrite,
	};
}

/** All text of a message, in order. */
export function textOf(message: UserMessage | AssistantMessage): string {
	return message.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
}

export function toolCallsOf(message: AssistantMessage): ToolCall[] {
	return message.content.filter((block) => block.type === "tool_call");
}
