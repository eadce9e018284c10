import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "dotenv";
import { defaultModel } from "../../models/default-model.ts";
import type { ModelEnv } from "../../models/port.ts";

type Setting = Exclude<keyof ModelEnv, "AI">;

/** The variables of a deployment that concern models; true: it is a secret. */
const SETTINGS: Record<Setting, boolean> = {
	ANTHROPIC_API_KEY: true,
	ANTHROPIC_BASE_URL: false,
	OPENAI_API_KEY: true,
	OPENAI_BASE_URL: false,
	OPENROUTER_API_KEY: true,
	OPENROUTER_BASE_URL: false,
	EACHLABS_API_KEY: true,
	EACHLABS_BASE_URL: false,
	OLLAMA_BASE_URL: false,
	VLLM_BASE_URL: false,
	LMSTUDIO_BASE_URL: false,
	KLAW_DEFAULT_MODEL: false,
};

/** Reads them from the environment, then from `.dev.vars` in `cwd`. Empty ones count as absent. */
export function readModelSettings(env: Readonly<Record<string, string | undefined>>, cwd: string): Record<string, string> {
	const file = readDevVars(join(cwd, ".dev.vars"));
	return Object.fromEntries(
		Object.keys(SETTINGS).flatMap((name) => {
			const value = env[name] || file[name];
			return value ? [[name, value]] : [];
		}),
	);
}

/** What agents use that name no model, for a person to read: `offline/shell (no key is set)`. */
export function modelsInUse(settings: Readonly<Record<string, string>>): string {
	const model = defaultModel(settings);
	const chosen = settings.KLAW_DEFAULT_MODEL !== undefined;
	return chosen || model !== "offline/shell" ? model : `${model} (no key is set)`;
}

/** An environment without the secrets that only the Worker is to have. */
export function withoutSecrets(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
	const secret = new Set([...Object.entries(SETTINGS).flatMap(([name, isSecret]) => (isSecret ? [name] : [])), "KLAW_ADMIN_TOKEN"]);
	return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.has(name)));
}

function readDevVars(path: string): Record<string, string> {
	try {
		return parse(readFileSync(path));
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
		throw error;
	}
}
