import { ModelError, type ModelProvider, type ModelRequest, type ModelResponse } from "../../src/models/port.ts";
import { retryDelay } from "../../src/models/retry.ts";
import type { SessionEvent } from "./events.ts";

export interface ModelCall {
	run: string;
	step: number;
	/** 1 for the first try. */
	attempt: number;
	/** Finds the provider. @throws ModelError */
	resolve(): { provider: ModelProvider; model: string };
	request: Omit<ModelRequest, "model" | "signal">;
	signal: AbortSignal;
	/** Text as it comes. */
	onText(text: string): void;
	now(): number;
	/** In [0, 1). */
	random(): number;
}

/** One model call, to the event that journals how it went. It never throws: every failure is a `model.failed`. */
export async function callModel(call: ModelCall): Promise<SessionEvent> {
	const { run, step, attempt } = call;
	const startedAt = call.now();
	try {
		const { provider, model } = call.resolve();
		const response = await drain(provider, { ...call.request, model, signal: call.signal }, call.onText);
		const { message, stopReason, usage } = response;
		return { type: "model.completed", run, step, message, stopReason, usage, durationMs: call.now() - startedAt };
	} catch (thrown) {
		const error = asModelError(thrown);
		const delay = error.retryable ? retryDelay({ attempt, error, random: call.random }) : undefined;
		const retryAt = delay === undefined ? undefined : call.now() + delay;
		const message = error.retryable && delay === undefined ? `${error.message} Gave up after ${attempt} tries.` : error.message;
		return { type: "model.failed", run, step, attempt, code: error.code, message, retryAt };
	}
}

async function drain(provider: ModelProvider, request: ModelRequest, onText: (text: string) => void): Promise<ModelResponse> {
	const stream = provider.stream(request);
	for (;;) {
		const { done, value } = await stream.next();
		if (done) return value;
		onText(value.text);
	}
}

/** A provider that throws anything else has a bug; the run must fail visibly all the same. */
function asModelError(thrown: unknown): ModelError {
	if (thrown instanceof ModelError) return thrown;
	const why = thrown instanceof Error ? thrown.message : String(thrown);
	return new ModelError("ProviderError", `The model provider failed unexpectedly: ${why}`, { retryable: true, cause: thrown });
}
