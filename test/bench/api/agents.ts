import type { ApiClient } from "./api-client.ts";

/** A namespace in which there is nothing but what the bench makes. */
export const NAMESPACE = "bench";
/** Path of its agents. */
export const AGENTS = `/apis/klaw.sh/v1/namespaces/${NAMESPACE}/agents`;

const INSTRUCTIONS = "You look after the service's tests. Say what you found in one sentence, and what you would do about it.";

/** An agent as people write them: a few labels, a short prompt, limits and requests. About 2 KB as it is stored. */
export function benchAgent(name: string): object {
	return {
		apiVersion: "klaw.sh/v1",
		kind: "Agent",
		metadata: { name, labels: { app: "bench", team: "platform", tier: "backend" }, annotations: { "klaw.sh/purpose": "to be measured" } },
		spec: {
			model: "openai/bench",
			instructions: INSTRUCTIONS,
			tools: ["bash", "read", "grep"],
			limits: { iterations: 50 },
			resources: { requests: { cpu: "500m", memory: "256Mi" } },
		},
	};
}

/** Creates agents `PREFIX-0` … over all connections of the client. */
export async function createAgents(client: ApiClient, prefix: string, count: number): Promise<void> {
	const numbers = Array(count).keys();
	const one = async () => {
		for (const n of numbers) await client.post(AGENTS, benchAgent(`${prefix}-${n}`));
	};
	await Promise.all(Array.from({ length: 8 }, one));
}
