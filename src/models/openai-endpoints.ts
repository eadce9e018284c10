import type { Endpoint } from "./endpoint.ts";

/** A server that speaks OpenAI's Chat Completions API. */
export interface ChatEndpoint extends Endpoint {
	/** How it is told the longest answer. OpenAI's newer models refuse the older name, other servers ignore the newer one. */
	maxTokensField: "max_completion_tokens" | "max_tokens";
}

/** One line for each. */
export const CHAT_ENDPOINTS: readonly ChatEndpoint[] = [
	{
		name: "openai",
		baseURL: "https://api.openai.com/v1",
		urlVariable: "OPENAI_BASE_URL",
		keyVariable: "OPENAI_API_KEY",
		maxTokensField: "max_completion_tokens",
	},
	{
		name: "openrouter",
		baseURL: "https://openrouter.ai/api/v1",
		urlVariable: "OPENROUTER_BASE_URL",
		keyVariable: "OPENROUTER_API_KEY",
		maxTokensField: "max_tokens",
	},
	{
		name: "eachlabs",
		baseURL: "https://api.eachlabs.ai/v1",
		urlVariable: "EACHLABS_BASE_URL",
		keyVariable: "EACHLABS_API_KEY",
		maxTokensField: "max_tokens",
	},
	{ name: "ollama", baseURL: "http://127.0.0.1:11434/v1", urlVariable: "OLLAMA_BASE_URL", maxTokensField: "max_tokens" },
	{ name: "vllm", baseURL: "http://127.0.0.1:8000/v1", urlVariable: "VLLM_BASE_URL", maxTokensField: "max_tokens" },
	{ name: "lmstudio", baseURL: "http://127.0.0.1:1234/v1", urlVariable: "LMSTUDIO_BASE_URL", maxTokensField: "max_tokens" },
];
