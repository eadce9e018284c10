import type { Caller } from "../api/request.ts";
import type { Env } from "../env.ts";

/** What every route of the gateway finds in its context. */
export interface GatewayEnv {
	Bindings: Env;
	Variables: {
		/** Whose objects the request is about: `default`, or the name in `/clusters/<name>/…`. */
		cluster: string;
		caller: Caller;
	};
}
