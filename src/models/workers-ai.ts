import { ChatAnswer, type ChatChunk, type ChatDelta, type ChatUsage } from "./chat-answer.ts";
import { toChatMessages, toChatTool } from "./chat-messages.ts";
import { type CallPhase, type CallSite, modelError, streamBroken } from "./errors.ts";
import type { ModelIo } from "./model-io.ts";
import { type ModelEnv, ModelError, type ModelProvider, type ModelRequest } from "./port.ts";
import { providerMessage } from "./provider-message.ts";
import { watchCall } from "./stall.ts";
import { withStatus } from "./workers-ai-errors.ts";

const NAME = "workers-ai";

/** Cloudflare's own models, through the AI binding: no key, only when deployed. */
export function workersAi(env: ModelEnv, io: ModelIo): ModelProvider {
	const ai = env.AI;
	if (!ai) {
		const message =
			"The provider workers-ai needs the AI binding, which only a deployment has. Deploy klaw, or name a model of another provider, such as offline/shell.";
		throw new ModelError("MissingKey", message, { retryable: false });
	}
	return { name: NAME, stream: (request) => stream(ai, request, io) };
}

async function* stream(ai: NonNullable<ModelEnv["AI"]>, request: ModelRequest, io: ModelIo): ReturnType<ModelProvider["stream"]> {
	const site: CallSite = { provider: NAME, model: request.model };
	const watch = watchCall(request.signal, io.silenceMs, io.clock);
	const answer = new ChatAnswer();
	let phase: CallPhase = "request";
	try {
		const { signal } = watch.controller;
		const output = await watch.race(ai.run(request.model, inputs(request), { signal }));
		phase = "stream";
		let done = false;
		if (output instanceof ReadableStream) {
			// The SSE reader of an SDK that is here anyway: nothing in it is Anthropic's.
			const { Stream } = await import("@anthropic-ai/sdk/streaming");
			for await (const { data } of Stream.rawEvents(new Response(watch.body(output)), watch.controller)) {
				done = data === "[DONE]";
				if (done) break;
				const text = answer.push(chunkOf(JSON.parse(data)));
				if (text) yield { type: "text", text };
			}
			if (!done) signal.throwIfAborted();
		} else {
			// Some models answer at once although they were asked to stream.
			done = true;
			const text = answer.push(chunkOf(output as NativeChunk));
			if (text) yield { type: "text", text };
		}
		if (!done && !answer.finish) throw streamBroken(`it ended after ${answer.chunks} chunks without [DONE]`, site);
		return answer.response(request.messages);
	} catch (error) {
		throw modelError(withStatus(error), site, phase, watch);
	} finally {
		watch.close();
	}
}

function inputs({ system, messages, tools, maxOutputTokens }: ModelRequest): Record<string, unknown> {
	// The binding's schema knows no null.
	const chat = toChatMessages(system, messages).map((message) => (message.content === null ? { ...message, content: "" } : message));
	return { messages: chat, stream: true, max_tokens: maxOutputTokens, ...(tools.length > 0 ? { tools: tools.map(toChatTool) } : {}) };
}

/** What the models of Workers AI send: their native form, or OpenAI's, whole or in deltas. */
interface NativeChunk {
	response?: unknown;
	tool_calls?: (NonNullable<ChatDelta["tool_calls"]>[number] & { name?: string; arguments?: unknown })[];
	finish_reason?: string;
	usage?: ChatUsage;
	choices?: { delta?: ChatDelta; message?: ChatDelta; finish_reason?: string }[];
	error?: unknown;
	errors?: unknown[];
}

function chunkOf(chunk: NativeChunk): ChatChunk {
	if (chunk.error || chunk.errors?.length) {
		const { type, message } = providerMessage(chunk);
		throw Object.assign(new Error(message), { code: type, error: chunk });
	}
	if (chunk.choices) {
		return {
			choices: chunk.choices.map(({ delta, message, finish_reason }) => ({ delta: delta ?? message, finish_reason })),
			usage: chunk.usage,
		};
	}
	const calls = chunk.tool_calls?.map((call) =>
		call.function ? call : { id: call.id, function: { name: call.name, arguments: call.arguments } },
	);
	// A text of digits comes as a number.
	const content = chunk.response === undefined || chunk.response === null ? "" : String(chunk.response);
	return { choices: [{ delta: { content, tool_calls: calls }, finish_reason: chunk.finish_reason }], usage: chunk.usage };
}
