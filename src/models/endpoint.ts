import { type ModelEnv, ModelError } from "./port.ts";

type Variable = { [K in keyof ModelEnv]-?: ModelEnv[K] extends string | undefined ? K : never }[keyof ModelEnv];

/** An HTTP API that serves models, and the variables that configure it. */
export interface Endpoint {
	/** The part before the first `/` of a model's name. */
	name: string;
	baseURL: string;
	urlVariable: Variable;
	/** Absent: it needs no key. */
	keyVariable?: Variable;
}

export interface ConfiguredEndpoint {
	baseURL: string;
	/** Absent when none is needed: a server of one's own may ask for none. */
	key?: string;
}

/** @throws ModelError MissingKey, or Unreachable when the configured base URL is none */
export function configureEndpoint(endpoint: Endpoint, env: ModelEnv): ConfiguredEndpoint {
	const configured = env[endpoint.urlVariable]?.trim();
	const key = endpoint.keyVariable && env[endpoint.keyVariable]?.trim();
	if (configured && !/^https?:$/.test(URL.parse(configured)?.protocol ?? "")) {
		// Its value is not quoted: what stands there by mistake may well be the key.
		const message = `${endpoint.urlVariable} does not hold an http or https URL. Set it to one, for example ${endpoint.baseURL}.`;
		throw new ModelError("Unreachable", message, { retryable: false });
	}
	if (!key && !configured && endpoint.keyVariable) throw missingKey(endpoint.name, endpoint.keyVariable);
	return { baseURL: (configured || endpoint.baseURL).replace(/\/+$/, ""), key: key || undefined };
}

function missingKey(provider: string, variable: string): ModelError {
	return new ModelError(
		"MissingKey",
		`The provider ${provider} needs a key and ${variable} is not set. Set it in .dev.vars or the environment and start klaw again; for a deployment run: wrangler secret put ${variable}`,
		{ retryable: false },
	);
}
