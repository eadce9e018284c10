import type { Env } from "../env.ts";

/** Who sent a request, in Kubernetes' words. */
export interface Identity {
	user: string;
	groups: readonly string[];
}

/** What every route of the gateway finds in its context. */
export interface GatewayEnv {
	Bindings: Env;
	Variables: { identity: Identity };
}
