import { anthropic } from "./anthropic.ts";
import { defaultIo, type ModelIo } from "./model-io.ts";
import { offline } from "./offline.ts";
import { openai } from "./openai.ts";
import { CHAT_ENDPOINTS } from "./openai-endpoints.ts";
import { type ModelEnv, ModelError, type ModelProvider } from "./port.ts";
import { workersAi } from "./workers-ai.ts";

/** @throws ModelError when the deployment lacks what the provider needs */
type CreateProvider = (env: ModelEnv, io: ModelIo) => ModelProvider;

/** Every provider by the name that models carry before their first `/`. */
const PROVIDERS: ReadonlyMap<string, CreateProvider> = new Map<string, CreateProvider>([
	["anthropic", anthropic],
	...CHAT_ENDPOINTS.map((endpoint): [string, CreateProvider] => [endpoint.name, (env, io) => openai(endpoint, env, io)]),
	["workers-ai", workersAi],
	["offline", offline],
]);

/** The model of a deployment that names none: the first whose key is configured. */
const DEFAULT_MODELS: readonly { variable: keyof ModelEnv; model: string }[] = [
	{ variable: "ANTHROPIC_API_KEY", model: "anthropic/claude-sonnet-5-5" },
	// The newest that takes tools in Chat Completions as the request stands, see openai.ts.
	{ variable: "OPENAI_API_KEY", model: "openai/gpt-5.4" },
	{ variable: "OPENROUTER_API_KEY", model: "openrouter/anthropic/claude-sonnet-5.5" },
	{ variable: "EACHLABS_API_KEY", model: "eachlabs/anthropic/claude-sonnet-4-5" },
	{ variable: "AI", model: "workers-ai/@cf/zai-org/glm-5.3-flash" },
];

export interface ResolvedModel {
	provider: ModelProvider;
	/** As its provider calls it. */
	model: string;
	/** `provider/model` */
	fullName: string;
}

/** `provider/model` for agents that name none; `offline/shell` when the deployment has no other. */
export function defaultModel(env: ModelEnv): string {
	return env.KLAW_DEFAULT_MODEL?.trim() || (DEFAULT_MODELS.find(({ variable }) => env[variable])?.model ?? "offline/shell");
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
