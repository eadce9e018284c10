import { type Message, type ToolCall, textOf } from "./message.ts";
import { type FinishedCall, type PlannedCall, plan, positionOf, promptOf } from "./offline-plan.ts";
import { ModelError, type ModelProvider, type ModelRequest, type ModelResponse } from "./port.ts";
import { withOwnIds } from "./tool-call.ts";

const NAME = "offline";
const MODEL = "shell";

/** Characters of a result that the answer quotes. */
const QUOTE_LIMIT = 2_000;
/** Characters of a piece of streamed text. */
const PIECE = 80;

const ABOUT =
	"I am offline/shell, the stand-in that klaw uses when no model is configured: I understand no language, I only run the commands in a message. " +
	"Write lines such as `$ ls -la`, `read README.md` or `fetch https://example.com`, or configure a real model: set ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENROUTER_API_KEY or EACHLABS_API_KEY in .dev.vars and start klaw again.";

/**
 * `offline/shell`: a deterministic model in this process, for a first look without a key and for tests. It works off
 * the commands of the last user message one turn each (see `offline-plan.ts`) and then quotes their results. It knows
 * where it is from the messages alone, so a repeated call gives the same answer.
 */
export function offline(): ModelProvider {
	return { name: NAME, stream };
}

async function* stream(request: ModelRequest): ReturnType<ModelProvider["stream"]> {
	if (request.model !== MODEL) {
		const message = `There is no model ${NAME}/${request.model}. The only model of the provider ${NAME} is ${NAME}/${MODEL}.`;
		throw new ModelError("UnknownModel", message, { retryable: false });
	}
	const position = positionOf(request.messages);
	const { turns, refused } = plan(promptOf(position), new Set(request.tools.map((tool) => tool.name)));
	const next = turns[position.turns];
	if (next) {
		const calls = next.map((call): ToolCall => ({ type: "tool_call", id: "", name: call.tool, arguments: JSON.stringify(call.arguments) }));
		return response(request, { role: "assistant", content: withOwnIds(calls, request.messages) }, "tool_calls");
	}
	const text = turns.length + refused.length > 0 ? summary(position.finished, refused) : ABOUT;
	for (let start = 0; start < text.length; ) {
		if (request.signal.aborted) throw new ModelError("Cancelled", `The call to ${NAME}/${MODEL} was cancelled.`, { retryable: false });
		const piece = pieceOf(text, start);
		start += piece.length;
		yield { type: "text", text: piece };
	}
	return response(request, { role: "assistant", content: [{ type: "text", text }] }, "end_turn");
}

function summary(finished: FinishedCall[], refused: PlannedCall[]): string {
	const failed = finished.filter(({ isError }) => isError).length;
	const count = finished.length === 1 ? "1 command" : `${finished.length} commands`;
	const parts = finished.length > 0 ? [`I ran ${count}${failed > 0 ? `, of which ${failed} failed` : ""}.`] : [];
	for (const { call, content, isError } of finished) parts.push(`${written(call)}${isError ? " (failed)" : ""}\n${quote(content)}`);
	for (const { line, tool } of refused) parts.push(`I did not run \`${line}\`: this agent does not have the tool ${tool}.`);
	return parts.join("\n\n");
}

/** A call as the user would have written it. */
function written({ name, arguments: raw }: ToolCall): string {
	const { command, path, url } = JSON.parse(raw) as Record<string, string | undefined>;
	return name === "bash" ? `$ ${command}` : `${name === "web_fetch" ? "fetch" : name} ${path ?? url}`;
}

function quote(content: string): string {
	const text = content.trimEnd();
	if (text === "") return "(no output)";
	return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}\n[${text.length - QUOTE_LIMIT} more characters]` : text;
}

/** About {@link PIECE} characters, up to the end of a word: a piece never splits a character. */
function pieceOf(text: string, start: number): string {
	const space = text.slice(start + PIECE).search(/\s/);
	return space < 0 ? text.slice(start) : text.slice(start, start + PIECE + space + 1);
}

function response(request: ModelRequest, message: ModelResponse["message"], stopReason: ModelResponse["stopReason"]): ModelResponse {
	const input = tokens(request.system.length + request.messages.reduce((sum, sent) => sum + size(sent), 0));
	return { message, stopReason, usage: { input, output: tokens(size(message)), cacheRead: 0, cacheWrite: 0 } };
}

/** A number that follows from the text alone; four characters a token is the usual rule of thumb. */
const tokens = (characters: number) => Math.ceil(characters / 4);

function size(message: Message): number {
	if (message.role === "tool") return message.results.reduce((sum, result) => sum + result.content.length, 0);
	if (message.role === "user") return textOf(message).length;
	return message.content.reduce(
		(sum, block) => sum + (block.type === "text" ? block.text.length : block.name.length + block.arguments.length),
		0,
	);
}
