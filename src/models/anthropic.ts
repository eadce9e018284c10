import type { MessageCreateParamsStreaming, RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import { toAnthropicMessages, toAnthropicSystem, toAnthropicTool } from "./anthropic-messages.ts";
import { AnthropicResponse } from "./anthropic-response.ts";
import { type ClientOptions, clientCache } from "./client-cache.ts";
import { configureEndpoint, type Endpoint } from "./endpoint.ts";
import { type CallPhase, type CallSite, modelError, streamBroken } from "./errors.ts";
import { eventStream } from "./event-stream.ts";
import type { ModelIo } from "./model-io.ts";
import type { ModelEnv, ModelProvider, ModelRequest } from "./port.ts";
import { watchCall } from "./stall.ts";

const ENDPOINT: Endpoint = {
	name: "anthropic",
	baseURL: "https://api.anthropic.com",
	urlVariable: "ANTHROPIC_BASE_URL",
	keyVariable: "ANTHROPIC_API_KEY",
};

/** Anthropic's Messages API, through the official SDK. */
export function anthropic(env: ModelEnv, io: ModelIo): ModelProvider {
	const { key, ...configured } = configureEndpoint(ENDPOINT, env);
	// The SDK adds /v1 itself; OpenAI's base URLs hold it, so it is often written here too.
	const baseURL = configured.baseURL.replace(/\/v1$/, "");
	const site = { provider: ENDPOINT.name, url: baseURL, urlVariable: ENDPOINT.urlVariable, keyVariable: ENDPOINT.keyVariable, key };
	const apiKey = key ?? "not-needed";
	return {
		name: ENDPOINT.name,
		stream: (request) => stream({ baseURL, apiKey, fetch: io.fetch }, { ...site, model: request.model }, request, io),
	};
}

async function* stream(options: ClientOptions, site: CallSite, request: ModelRequest, io: ModelIo): ReturnType<ModelProvider["stream"]> {
	const watch = watchCall(request.signal, io.silenceMs, io.clock);
	let phase: CallPhase = "request";
	try {
		const { client, Stream } = await sdk(options);
		// Not the SDK's `stream()` helper: it parses the arguments of calls again at every delta.
		const response = await client
			.post("/v1/messages", { body: params(request), stream: true, signal: watch.controller.signal })
			.asResponse();
		phase = "stream";
		const watched = await eventStream(response, site, watch);
		const answer = new AnthropicResponse();
		for await (const event of Stream.fromSSEResponse<RawMessageStreamEvent>(watched, watch.controller, client)) {
			const text = answer.push(event);
			if (text) yield { type: "text", text };
		}
		// The SDK ends quietly at an abort.
		watch.controller.signal.throwIfAborted();
		if (!answer.complete) throw streamBroken(`it ended after ${answer.events} events without message_stop`, site);
		return answer.response(request.messages);
	} catch (error) {
		throw modelError(error, site, phase, watch);
	} finally {
		watch.close();
	}
}

function params(request: ModelRequest): MessageCreateParamsStreaming {
	const { model, system, messages, tools, maxOutputTokens } = request;
	return {
		model,
		max_tokens: maxOutputTokens,
		stream: true,
		system: toAnthropicSystem(system),
		messages: toAnthropicMessages(messages),
		tools: tools.length > 0 ? tools.map(toAnthropicTool) : undefined,
	};
}

/** Imported when first used: the SDK is most of klaw's code. */
const sdk = clientCache(async ({ baseURL, apiKey, fetch }) => {
	const { BaseAnthropic, Stream } = await import("./anthropic-sdk.ts");
	// Other servers may speak an older version of the API, which looks for the key where it was before it was a bearer token.
	const defaultHeaders = baseURL === ENDPOINT.baseURL ? undefined : { "x-api-key": apiKey };
	const own = { maxRetries: 0, logLevel: "off", openTelemetry: false, webhookKey: null } as const;
	return { client: new BaseAnthropic({ baseURL, apiKey, fetch, defaultHeaders, ...own }), Stream };
});
