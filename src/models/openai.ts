import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";
import { ChatAnswer } from "./chat-answer.ts";
import { toChatMessages, toChatTool } from "./chat-messages.ts";
import { type ClientOptions, clientCache } from "./client-cache.ts";
import { configureEndpoint } from "./endpoint.ts";
import { type CallPhase, type CallSite, modelError, streamBroken } from "./errors.ts";
import { eventStream } from "./event-stream.ts";
import type { ModelIo } from "./model-io.ts";
import type { ChatEndpoint } from "./openai-endpoints.ts";
import type { ModelEnv, ModelProvider, ModelRequest } from "./port.ts";
import { watchCall } from "./stall.ts";

/** OpenAI's Chat Completions API, through the official SDK, at OpenAI or at any server that speaks it. */
export function openai(endpoint: ChatEndpoint, env: ModelEnv, io: ModelIo): ModelProvider {
	const { baseURL, key } = configureEndpoint(endpoint, env);
	const site = { provider: endpoint.name, url: baseURL, urlVariable: endpoint.urlVariable, keyVariable: endpoint.keyVariable, key };
	const options = { baseURL, apiKey: key ?? "not-needed", fetch: io.fetch };
	return {
		name: endpoint.name,
		stream: (request) => stream(options, { ...site, model: request.model }, params(endpoint, request), request, io),
	};
}

async function* stream(
	options: ClientOptions,
	site: CallSite,
	body: ChatCompletionCreateParamsStreaming,
	request: ModelRequest,
	io: ModelIo,
): ReturnType<ModelProvider["stream"]> {
	const watch = watchCall(request.signal, io.silenceMs, io.clock);
	const answer = new ChatAnswer();
	let phase: CallPhase = "request";
	try {
		const { client, Stream } = await sdk(options);
		const response = await client.chat.completions.create(body, { signal: watch.controller.signal }).asResponse();
		phase = "stream";
		const watched = await eventStream(response, site, watch);
		for await (const chunk of Stream.fromSSEResponse<ChatCompletionChunk>(watched, watch.controller, client)) {
			const text = answer.push(chunk);
			if (text) yield { type: "text", text };
		}
		// The SDK ends quietly at an abort.
		watch.controller.signal.throwIfAborted();
		if (!answer.finish) throw streamBroken(`it ended after ${answer.chunks} chunks without a finish_reason`, site);
		return answer.response(request.messages);
	} catch (error) {
		// Whole but for its usage: repeating it would cost more than that count is worth.
		if (answer.finish && watch.end !== "cancelled") return answer.response(request.messages);
		throw modelError(error, site, phase, watch);
	} finally {
		watch.close();
	}
}

function params(
	endpoint: ChatEndpoint,
	{ model, system, messages, tools, maxOutputTokens }: ModelRequest,
): ChatCompletionCreateParamsStreaming {
	return {
		model,
		messages: toChatMessages(system, messages),
		stream: true,
		stream_options: { include_usage: true },
		[endpoint.maxTokensField]: maxOutputTokens,
		...(tools.length > 0 ? { tools: tools.map(toChatTool) } : {}),
		...(tools.length > 0 && endpoint.name === "openai" && REASONS_WITHOUT_TOOLS.test(model) ? { reasoning_effort: "none" } : {}),
	};
}

/** OpenAI refuses these models' tools in Chat Completions unless the request turns their reasoning off. */
const REASONS_WITHOUT_TOOLS = /^gpt-(5\.6|6)/;

/** Imported when first used: the SDK is most of klaw's code. */
const sdk = clientCache(async ({ baseURL, apiKey, fetch }) => {
	const { OpenAI, Stream } = await import("./openai-sdk.ts");
	// The nulls keep the SDK from reading its own variables of the process.
	const own = { organization: null, project: null, adminAPIKey: null, webhookSecret: null, maxRetries: 0, logLevel: "off" } as const;
	return { client: new OpenAI({ baseURL, apiKey, fetch, ...own }), Stream };
});
