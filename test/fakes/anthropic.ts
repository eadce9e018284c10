/** A local server that speaks Anthropic's Messages API, version 2026-10-21, streaming only. */
import { messagesMistake } from "./anthropic-rules.ts";
import { startModelServer, type Wire } from "./model-server.ts";
import { argumentPieces, type FakeAnswer, type FakeOptions, type FakeServer, type FakeUsage, textPieces } from "./reply.ts";

/**
 * @example
 * const fake = await startFakeAnthropic({ script: (request, n) => (n === 1 ? { calls: [{ name: "bash", arguments: { command: "ls" } }] } : { text: "Done." }) });
 * env.ANTHROPIC_BASE_URL = fake.url;
 */
export function startFakeAnthropic(options: FakeOptions): Promise<FakeServer> {
	return startModelServer(wire, options);
}

const wire: Wire = {
	basePath: "",
	path: "/v1/messages",
	keyOf: (request) => request.headers["x-api-key"] ?? request.headers.authorization?.replace(/^Bearer /, ""),
	refuse: messagesMistake,
	events,
	errorEvent: (fault) =>
		event({ type: "error", error: { type: fault.type ?? "overloaded_error", message: fault.message ?? "Overloaded" } }),
	failure: ({ status, type, message }, n) => ({
		body: JSON.stringify({
			type: "error",
			error: { type: type ?? ERROR_TYPES[status] ?? "api_error", message: message ?? "Something went wrong" },
			request_id: requestId(n),
		}),
		headers: { "content-type": "application/json", "request-id": requestId(n) },
	}),
};

const ERROR_TYPES: Record<number, string> = {
	400: "invalid_request_error",
	401: "authentication_error",
	403: "permission_error",
	404: "not_found_error",
	413: "request_too_large",
	429: "rate_limit_error",
	504: "timeout_error",
	529: "overloaded_error",
};

function events(answer: FakeAnswer, request: { body: { model: string } }, n: number): string[] {
	const usage = answer.usage ?? {};
	const out: string[] = [];
	let index = 0;
	const send = (data: { type: string; [field: string]: unknown }) => out.push(event(data));
	const block = (start: Record<string, unknown>, deltas: Record<string, unknown>[]) => {
		send({ type: "content_block_start", index, content_block: start });
		for (const delta of deltas) send({ type: "content_block_delta", index, delta });
		send({ type: "content_block_stop", index });
		index++;
	};

	send({ type: "message_start", message: emptyMessage(request.body.model, n, usage) });
	send({ type: "ping" });
	if (answer.thinking) {
		const { text, signature } = answer.thinking;
		block({ type: "thinking", thinking: "", signature: "" }, [
			{ type: "thinking_delta", thinking: text },
			{ type: "signature_delta", signature },
		]);
	}
	const text = textPieces(answer);
	if (text.length > 0) {
		block(
			{ type: "text", text: "", citations: null },
			text.map((piece) => ({ type: "text_delta", text: piece })),
		);
	}
	for (const [place, call] of (answer.calls ?? []).entries()) {
		const id = call.id ?? `toolu_${n}_${place}`;
		block(
			{ type: "tool_use", id, name: call.name, input: {}, caller: { type: "direct" } },
			["", ...argumentPieces(call)].map((piece) => ({ type: "input_json_delta", partial_json: piece })),
		);
	}
	const stop = answer.stop ?? (answer.calls?.length ? "tool_use" : "end_turn");
	send({
		type: "message_delta",
		delta: { stop_reason: stop, stop_sequence: null, stop_details: null, container: null },
		usage: {
			input_tokens: usage.input ?? 0,
			cache_creation_input_tokens: usage.cacheWrite ?? 0,
			cache_read_input_tokens: usage.cacheRead ?? 0,
			output_tokens: usage.output ?? 0,
			output_tokens_details: null,
			server_tool_use: null,
		},
	});
	send({ type: "message_stop" });
	return out;
}

function emptyMessage(model: string, n: number, usage: FakeUsage) {
	return {
		id: `msg_${n}`,
		type: "message",
		role: "assistant",
		model,
		content: [],
		stop_reason: null,
		stop_sequence: null,
		stop_details: null,
		container: null,
		diagnostics: null,
		usage: {
			input_tokens: usage.input ?? 0,
			cache_creation_input_tokens: usage.cacheWrite ?? 0,
			cache_read_input_tokens: usage.cacheRead ?? 0,
			cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite ?? 0, ephemeral_1h_input_tokens: 0 },
			// What the API sends at the start: the first token, not the final count.
			output_tokens: 1,
			output_tokens_details: null,
			server_tool_use: null,
			service_tier: "standard",
			inference_geo: "not_available",
			speed: null,
		},
	};
}

const event = (data: { type: string; [field: string]: unknown }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const requestId = (n: number) => `req_${n}`;
