import { Agent } from "undici";
import type { TlsOptions } from "./kubeconfig.ts";

/** Streams are silent for as long as nothing happens; whoever reads one has limits of their own. */
const NO_LIMITS = { headersTimeout: 0, bodyTimeout: 0 };

const agents = new Map<string, Agent>();

/**
 * The connections of a client with these certificates. Clients with the same ones share them. Node's own dispatcher
 * is not taken: it is of another version of undici than the fetch that klaw brings.
 */
export function dispatcherFor(tls: TlsOptions = {}): Agent {
	const key = JSON.stringify(tls);
	const known = agents.get(key);
	if (known) return known;
	const { ca, insecure, serverName, cert, key: privateKey } = tls;
	const agent = new Agent({
		...NO_LIMITS,
		connect: {
			...(ca !== undefined && { ca }),
			...(cert !== undefined && { cert, key: privateKey }),
			...(serverName !== undefined && { servername: serverName }),
			...(insecure === true && { rejectUnauthorized: false }),
		},
	});
	agents.set(key, agent);
	return agent;
}
