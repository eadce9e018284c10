/** A local server that speaks OpenAI's Chat Completions API, streaming only. */
import { startModelServer, type Wire } from "./model-server.ts";
import { chatMistake } from "./openai-rules.ts";
import {
	argumentPieces,
	type FakeAnswer,
	type FakeOptions,
	type FakeRequest,
	type FakeServer,
	type FakeUsage,
	textPieces,
} from "./reply.ts";

/**
 * @example
 * const fake = await startFakeOpenAI({ script: () => ({ text: ["Hel", "lo"], usage: { input: 9, output: 2 } }) });
 * env.OPENAI_BASE_URL = fake.url; // ends in /v1, as OpenAI's own does
 */
export function startFakeOpenAI(options: FakeOptions): Promise<FakeServer> {
	return startModelServer(wire, options);
}

const wire: Wire = {
	basePath: "/v1",
	path: "/v1/chat/completions",
	keyOf: (request) => request.headers.authorization?.replace(/^Bearer /, ""),
	refuse: chatMistake,
	events,
	errorEvent: ({ type, message }) =>
		data({ error: { message: message ?? "The server had an error", type: type ?? "server_error", param: null, code: null } }),
	failure: ({ type, message, status }, n) => ({
		body: JSON.stringify({
			error: {
				message: message ?? "Something went wrong",
				type: type ?? (status < 500 ? "invalid_request_error" : "server_error"),
				param: null,
				code: null,
			},
		}),
		headers: { "content-type": "application/json", "x-request-id": `req_${n}` },
	}),
};

function events(answer: FakeAnswer, request: FakeRequest, n: number): string[] {
	const withUsage = (request.body.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true;
	const chunk = (choices: unknown[], usage: unknown = null) =>
		data({
			id: `chatcmpl-${n}`,
			object: "chat.completion.chunk",
			created: 1_790_000_000,
			model: request.body.model,
			service_tier: "default",
			system_fingerprint: null,
			choices,
			...(withUsage ? { usage } : {}),
		});
	const delta = (content: Record<string, unknown>, finish: string | null = null) =>
		chunk([{ index: 0, delta: content, logprobs: null, finish_reason: finish }]);

	const out = [delta({ role: "assistant", content: answer.calls?.length ? null : "", refusal: null })];
	for (const piece of textPieces(answer)) out.push(delta({ content: piece }));
	for (const [index, call] of (answer.calls ?? []).entries()) {
		const id = call.id === "" ? {} : { id: call.id ?? `call_${n}_${index}` };
		out.push(delta({ tool_calls: [{ index, ...id, type: "function", function: { name: call.name, arguments: "" } }] }));
		for (const piece of argumentPieces(call)) out.push(delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
	}
	out.push(delta({}, answer.stop ?? (answer.calls?.length ? "tool_calls" : "stop")));
	if (withUsage) out.push(chunk([], completionUsage(answer.usage ?? {})));
	out.push("data: [DONE]\n\n");
	return out;
}

function completionUsage({ input = 0, output = 0, cacheRead = 0, cacheWrite = 0 }: FakeUsage) {
	const prompt = input + cacheRead + cacheWrite;
	return {
		prompt_tokens: prompt,
		completion_tokens: output,
		total_tokens: prompt + output,
		prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite, audio_tokens: 0 },
		completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
	};
}

const data = (chunk: unknown) => `data: ${JSON.stringify(chunk)}\n\n`;
