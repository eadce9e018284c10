/**
 * The port between klaw and any model. A provider is one file that implements {@link ModelProvider} and one line in
 * `registry.ts`.
 */
import type { AssistantMessage, Message, Usage } from "./message.ts";

/** A tool as the model sees it. `parameters` is a JSON Schema of type object. */
export interface ModelTool {
	name: string;
	description: string;
	parameters: Record<string, unknown>;
}

export interface ModelRequest {
	/** The model's name at its provider: what follows the first `/` of `provider/model`. */
	model: string;
	/** System prompt; may be empty. */
	system: string;
	messages: readonly Message[];
	tools: readonly ModelTool[];
	maxOutputTokens: number;
	/** Aborts the call: the stream then ends by throwing. */
	signal: AbortSignal;
}

export type StopReason = "end_turn" | "tool_calls" | "max_tokens" | "refusal";

export interface ModelResponse {
	message: AssistantMessage;
	stopReason: StopReason;
	usage: Usage;
}

/** A piece of the answer as it comes. Only text is shown live; calls arrive whole with the response. */
export interface ModelDelta {
	type: "text";
	text: string;
}

export interface ModelProvider {
	/** The part before the first `/` of a model's name. */
	readonly name: string;
	/**
	 * Streams one call. Yields text as it comes and returns the whole response. Does not retry.
	 * @throws ModelError for every failure, including a stream that ends half-way.
	 */
	stream(request: ModelRequest): AsyncGenerator<ModelDelta, ModelResponse, undefined>;
}

/**
 * Why a model call failed. `message` is a full sentence: what was wrong, with which value, what to do. It never
 * holds a key.
 */
export class ModelError extends Error {
	override readonly name = "ModelError";
	readonly code: ModelErrorCode;
	readonly retryable: boolean;
	/** The provider's `Retry-After`, in milliseconds. */
	readonly retryAfterMs: number | undefined;

	constructor(code: ModelErrorCode, message: string, options: { retryable: boolean; retryAfterMs?: number; cause?: unknown }) {
		super(message, { cause: options.cause });
		this.code = code;
		this.retryable = options.retryable;
		this.retryAfterMs = options.retryAfterMs;
	}
}

export type ModelErrorCode =
	| "UnknownModel" // no such provider, or the provider knows no such model
	| "MissingKey" // the provider needs a key and none is configured
	| "Unauthorized" // 401, 403
	| "BadRequest" // 400, 404, 413, 422: repeating it changes nothing
	| "RateLimited" // 429
	| "ProviderError" // 408, 409, 5xx, 529
	| "Unreachable" // no connection
	| "StreamBroken" // the stream ended before its end, or was not what the provider promises
	| "Timeout" // no first byte, or silence in the middle
	| "Cancelled"; // the caller's signal

/** What the providers read of a deployment's variables and bindings. Names as in `.dev.vars`. */
export interface ModelEnv {
	ANTHROPIC_API_KEY?: string;
	ANTHROPIC_BASE_URL?: string;
	OPENAI_API_KEY?: string;
	OPENAI_BASE_URL?: string;
	OPENROUTER_API_KEY?: string;
	OPENROUTER_BASE_URL?: string;
	EACHLABS_API_KEY?: string;
	EACHLABS_BASE_URL?: string;
	OLLAMA_BASE_URL?: string;
	VLLM_BASE_URL?: string;
	LMSTUDIO_BASE_URL?: string;
	/** `provider/model` for agents that name none. */
	KLAW_DEFAULT_MODEL?: string;
	/** Workers AI; absent on a laptop. */
	AI?: { run(model: string, inputs: Record<string, unknown>, options?: Record<string, unknown>): Promise<unknown> };
}
