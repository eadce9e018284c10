import { anthropic } from "./anthropic.ts";
import { defaultModel } from "./default-model.ts";
import { defaultIo, type ModelIo } from "./model-io.ts";
import { offline } from "./offline.ts";
import { openai } from "./openai.ts";
import { CHAT_ENDPOINTS } from "./openai-endpoints.ts";
import { type ModelEnv, ModelError, type ModelProvider } from "./port.ts";
import { workersAi } from "./workers-ai.ts";

export { defaultModel };

/** @throws ModelError when the deployment lacks what the provider needs */
type CreateProvider = (env: ModelEnv, io: ModelIo) => ModelProvider;

/** Every provider by the name that models carry before their first `/`. */
const PROVIDERS: ReadonlyMap<string, CreateProvider> = new Map<string, CreateProvider>([
	["anthropic", anthropic],
	...CHAT_ENDPOINTS.map((endpoint): [string, CreateProvider] => [endpoint.name, (env, io) => openai(endpoint, env, io)]),
	["workers-ai", workersAi],
	["offline", offline],
]);

export interface ResolvedModel {
	provider: ModelProvider;
	/** As its provider calls it. */
	model: string;
	/** `provider/model` */
	fullName: string;
}

/**
 * Finds the provider of a model and checks that the deployment is configured for it.
 *
 * @param name `provider/model`; absent: the deployment's default.
 * @throws ModelError UnknownModel, MissingKey, or Unreachable when a base URL is none
 * @example const { provider, model } = resolveModel("anthropic/claude-sonnet-5-5", env);
 */
export function resolveModel(name: string | undefined, env: ModelEnv, io: Partial<ModelIo> = {}): ResolvedModel {
	const fullName = name?.trim() || defaultModel(env);
	const slash = fullName.indexOf("/");
	const create = PROVIDERS.get(fullName.slice(0, slash));
	const model = fullName.slice(slash + 1);
	if (slash < 0 || !create || model === "") {
		const known = [...PROVIDERS.keys()].join(", ");
		throw new ModelError("UnknownModel", `There is no model "${fullName}". Name one as provider/model; the providers are ${known}.`, {
			retryable: false,
		});
	}
	return { provider: create(env, { ...defaultIo, ...io }), model, fullName };
}
