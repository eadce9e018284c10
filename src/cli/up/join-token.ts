import type { ApiClient } from "../api-client.ts";
import { apiVersionOf, resourcePath } from "../api-resource.ts";
import { CliError } from "../errors.ts";
import { NODE_JOIN_TOKEN } from "../kinds.ts";

/** Long enough for a machine that is busy with everything else that starts. */
const TTL_SECONDS = 300;

/** A join token for one node and one machine, to be used at once. @throws CliError */
export async function newJoinToken(client: ApiClient, nodeName: string): Promise<string> {
	const { status } = await client.json<{ status?: { token?: string } }>(resourcePath(NODE_JOIN_TOKEN, ""), {
		method: "POST",
		body: {
			...{ apiVersion: apiVersionOf(NODE_JOIN_TOKEN), kind: NODE_JOIN_TOKEN.kind },
			spec: { ttlSeconds: TTL_SECONDS, nodeName, uses: 1, description: "klaw up, for its own node" },
		},
	});
	if (!status?.token) throw new CliError(`The server made no join token for the node ${nodeName}.`);
	return status.token;
}
