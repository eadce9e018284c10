import type { Message, UserMessage } from "../../src/models/message.ts";
import { ModelError, type ModelRequest, type ModelResponse, type ModelTool } from "../../src/models/port.ts";
import type { ResolvedModel } from "../../src/models/registry.ts";

export const user = (...texts: string[]): UserMessage => ({ role: "user", content: texts.map((text) => ({ type: "text", text })) });

export const tool = (name: string): ModelTool => ({
	name,
	description: `The tool ${name}.`,
	parameters: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
});

export type Question = Partial<Omit<ModelRequest, "model">>;

export interface Answer extends ModelResponse {
	/** Text as it came. */
	deltas: string[];
}

/** Asks a model and reads its whole answer. */
export async function ask({ provider, model }: Pick<ResolvedModel, "provider" | "model">, question: Question = {}): Promise<Answer> {
	const request: ModelRequest = {
		model,
		system: "Be brief.",
		messages: [user("Hello")] satisfies Message[],
		tools: [],
		maxOutputTokens: 1000,
		signal: new AbortController().signal,
		...question,
	};
	const deltas: string[] = [];
	const stream = provider.stream(request);
	for (;;) {
		const { done, value } = await stream.next();
		if (done) return { ...value, deltas };
		deltas.push(value.text);
	}
}

/** The ModelError that something ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<ModelError> {
	const thrown = await promise.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (thrown instanceof ModelError) return thrown;
	throw new Error(`Expected a ModelError, got ${thrown}`, { cause: thrown });
}
