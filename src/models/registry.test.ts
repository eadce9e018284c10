import { describe, expect, it } from "vitest";
import { type ModelEnv, ModelError } from "./port.ts";
import { defaultModel, resolveModel } from "./registry.ts";

const AI: ModelEnv["AI"] = { run: () => Promise.resolve() };

function failure(name: string | undefined, env: ModelEnv): ModelError {
	try {
		resolveModel(name, env);
	} catch (error) {
		if (error instanceof ModelError) return error;
	}
	throw new Error(`resolveModel(${name}) threw no ModelError`);
}

describe("the model of an agent that names none", () => {
	it.each([
		["nothing is configured", {}, "offline/shell"],
		["there is only the AI binding", { AI }, "workers-ai/@cf/zai-org/glm-5.3-flash"],
		["there is one key", { EACHLABS_API_KEY: "k", AI }, "eachlabs/anthropic/claude-sonnet-4-5"],
		["there is another", { OPENROUTER_API_KEY: "k", EACHLABS_API_KEY: "k" }, "openrouter/anthropic/claude-sonnet-5.5"],
		["OpenAI's key comes before routers", { OPENAI_API_KEY: "k", OPENROUTER_API_KEY: "k" }, "openai/gpt-5.4"],
		["Anthropic's key comes first", { ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k", AI }, "anthropic/claude-sonnet-5-5"],
		["a key is empty", { ANTHROPIC_API_KEY: "", OPENAI_API_KEY: "k" }, "openai/gpt-5.4"],
		["the deployment names one", { ANTHROPIC_API_KEY: "k", KLAW_DEFAULT_MODEL: "ollama/qwen3:8b" }, "ollama/qwen3:8b"],
	])("when %s", (_, env, model) => {
		expect(defaultModel(env)).toBe(model);
		expect(resolveModel(undefined, env).fullName).toBe(model);
	});
});

describe("a model's name", () => {
	it.each([
		["anthropic/claude-x", "anthropic", "claude-x"],
		["openrouter/meta/llama-4:free", "openrouter", "meta/llama-4:free"],
		["ollama/qwen3:8b", "ollama", "qwen3:8b"],
		["vllm/org/model", "vllm", "org/model"],
		["lmstudio/local", "lmstudio", "local"],
		["workers-ai/@cf/meta/llama", "workers-ai", "@cf/meta/llama"],
		["offline/shell", "offline", "shell"],
	])("%s is provider %s, model %s", (fullName, provider, model) => {
		const env = { ANTHROPIC_API_KEY: "k", OPENROUTER_API_KEY: "k", AI };
		expect(resolveModel(fullName, env)).toMatchObject({ provider: { name: provider }, model, fullName });
	});

	it.each(["gpt-5.4", "nobody/gpt", "anthropic/", "/claude", "ANTHROPIC/claude"])("%j is unknown, and the providers are named", (name) => {
		const error = failure(name, {});
		expect(error).toMatchObject({ code: "UnknownModel", retryable: false });
		expect(error.message).toBe(
			`There is no model "${name}". Name one as provider/model; the providers are anthropic, openai, openrouter, eachlabs, ollama, vllm, lmstudio, workers-ai, offline.`,
		);
	});
});

describe("a provider that lacks its key", () => {
	it.each([
		["anthropic/x", "ANTHROPIC_API_KEY"],
		["openai/x", "OPENAI_API_KEY"],
		["openrouter/x", "OPENROUTER_API_KEY"],
		["eachlabs/x", "EACHLABS_API_KEY"],
	])("%s says that %s is missing and where to set it", (name, variable) => {
		for (const value of [undefined, "", "  "]) {
			const error = failure(name, { [variable]: value });
			expect(error).toMatchObject({ code: "MissingKey", retryable: false });
			for (const word of [variable, ".dev.vars", "environment", `wrangler secret put ${variable}`]) expect(error.message).toContain(word);
		}
	});

	it("needs none at a base URL of one's own", () => {
		expect(resolveModel("openai/x", { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" }).provider.name).toBe("openai");
		expect(resolveModel("anthropic/x", { ANTHROPIC_BASE_URL: "http://127.0.0.1:9" }).provider.name).toBe("anthropic");
	});

	it("says that Workers AI needs a deployment", () => {
		expect(failure("workers-ai/@cf/x", {})).toMatchObject({ code: "MissingKey", message: expect.stringContaining("Deploy klaw") });
	});
});

it.each(["localhost:8080", "ftp://example.com", "nonsense"])("the base URL %j is refused with its variable and an example", (url) => {
	const error = failure("openai/x", { OPENAI_BASE_URL: url });
	expect(error).toMatchObject({ code: "Unreachable", retryable: false });
	expect(error.message).toContain("OPENAI_BASE_URL does not hold an http or https URL");
	expect(error.message).not.toContain(`"${url}"`);
	expect(error.message).toContain("https://api.openai.com/v1");
});
