import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { modelsInUse, readModelSettings, withoutSecrets } from "./model-settings.ts";

let cwd: string;
beforeEach(() => {
	cwd = mkdtempSync(join(tmpdir(), "klaw-settings-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

it("the environment comes before .dev.vars, and other variables are none of the Worker's", () => {
	writeFileSync(
		join(cwd, ".dev.vars"),
		'ANTHROPIC_API_KEY="from file"\nOPENAI_BASE_URL=http://127.0.0.1:1234/v1 # local\nKLAW_ADMIN_TOKEN=x\nHOME=/x\n',
	);
	expect(readModelSettings({ ANTHROPIC_API_KEY: "from env", OPENAI_BASE_URL: "", PATH: "/bin" }, cwd)).toEqual({
		ANTHROPIC_API_KEY: "from env",
		OPENAI_BASE_URL: "http://127.0.0.1:1234/v1",
	});
});

it("without .dev.vars there is the environment alone", () => {
	expect(readModelSettings({ KLAW_DEFAULT_MODEL: "offline/shell" }, cwd)).toEqual({ KLAW_DEFAULT_MODEL: "offline/shell" });
});

it("keys and tokens are kept from the node, base URLs and the rest are not", () => {
	const env = {
		ANTHROPIC_API_KEY: "k",
		EACHLABS_API_KEY: "k",
		KLAW_ADMIN_TOKEN: "t",
		ANTHROPIC_BASE_URL: "u",
		PATH: "/bin",
	};
	expect(withoutSecrets(env)).toEqual({ ANTHROPIC_BASE_URL: "u", PATH: "/bin" });
});

it.each([
	[{}, "offline/shell (no key is set)"],
	[{ OLLAMA_BASE_URL: "http://127.0.0.1:11434/v1" }, "offline/shell (no key is set)"],
	[{ KLAW_DEFAULT_MODEL: "offline/shell", OPENAI_API_KEY: "k" }, "offline/shell"],
	[{ KLAW_DEFAULT_MODEL: "openai/gpt-x", OPENAI_API_KEY: "k" }, "openai/gpt-x"],
])("with %o, agents that name no model are said to use %s", (settings, expected) => {
	expect(modelsInUse(settings)).toBe(expected);
});

it("with a key, agents that name no model are said to use a model of its provider", () => {
	expect(modelsInUse({ ANTHROPIC_API_KEY: "k" })).toMatch(/^anthropic\/[\w.-]+$/);
});
