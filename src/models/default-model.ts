import type { ModelEnv } from "./port.ts";

/** The model of a deployment that names none: the first whose key is configured. */
const DEFAULT_MODELS: readonly { variable: keyof ModelEnv; model: string }[] = [
	{ variable: "ANTHROPIC_API_KEY", model: "anthropic/claude-sonnet-5-5" },
	// The newest that takes tools in Chat Completions as the request stands, see openai.ts.
	{ variable: "OPENAI_API_KEY", model: "openai/gpt-5.4" },
	{ variable: "OPENROUTER_API_KEY", model: "openrouter/anthropic/claude-sonnet-5.5" },
	{ variable: "EACHLABS_API_KEY", model: "eachlabs/anthropic/claude-sonnet-4-5" },
	{ variable: "AI", model: "workers-ai/@cf/zai-org/glm-5.3-flash" },
];

/** `provider/model` for agents that name none; `offline/shell` when the deployment has no other. */
export function defaultModel(env: ModelEnv): string {
	return env.KLAW_DEFAULT_MODEL?.trim() || (DEFAULT_MODELS.find(({ variable }) => env[variable])?.model ?? "offline/shell");
}
