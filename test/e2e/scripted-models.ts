import type { FakeRequest, Reply, Script } from "../fakes/reply.ts";

/** A request to a scripted model, and when it came (milliseconds since the epoch). */
export interface ModelCall {
	request: FakeRequest;
	at: number;
}

/** One fake provider for many tests at once: each test has a model of its own name, with a script of its own. */
export class ScriptedModels {
	readonly #models = new Map<string, { answer: Script; calls: ModelCall[] }>();

	/** `n` of the script counts the requests to this model from 1. */
	add(name: string, answer: Script): void {
		this.#models.set(name, { answer, calls: [] });
	}

	/** For a fake server. A model that nobody added is answered as OpenAI and Anthropic answer one that they do not know. */
	readonly script: Script = (request): Reply | Promise<Reply> => {
		const model = this.#models.get(request.body.model);
		if (!model) return { status: 404, type: "not_found_error", message: `The model \`${request.body.model}\` does not exist` };
		model.calls.push({ request, at: Date.now() });
		return model.answer(request, model.calls.length);
	};

	calls(name: string): readonly ModelCall[] {
		return this.#models.get(name)?.calls ?? [];
	}
}

/** The results of tool calls in a request, in order, as the model reads them. */
export function toolResults({ body }: FakeRequest): string[] {
	return body.messages.flatMap(({ role, content }) => {
		if (role === "tool") return [String(content)];
		if (!Array.isArray(content)) return [];
		return content.flatMap((block) => (block.type === "tool_result" ? [String(block.content)] : []));
	});
}
