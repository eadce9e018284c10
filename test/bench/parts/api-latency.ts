import { AGENTS, benchAgent, createAgents } from "../api/agents.ts";
import { ApiServer } from "../api/api-server.ts";
import { distribution, type Figure } from "../figure.ts";
import type { BenchContext } from "../part.ts";

/** One client that asks for one thing after another over one connection, in a namespace with a thousand agents. */
export async function apiLatency({ quick, progress }: BenchContext): Promise<Figure[]> {
	const n = quick ? 50 : 2_000;
	const agents = quick ? 50 : 1_000;
	return ApiServer.with(async (server) => {
		const client = await server.client();
		await createAgents(client, "there", agents);
		progress(`${agents} agents`);
		const creates: number[] = [];
		const gets: number[] = [];
		const patches: number[] = [];
		for (let i = 0; i < n; i++) {
			creates.push((await client.post(AGENTS, benchAgent(`new-${i}`))).ms);
			gets.push((await client.get(`${AGENTS}/there-${i % agents}`)).ms);
			const metadata = { annotations: { "klaw.sh/purpose": `measured ${i}` } };
			patches.push((await client.patch(`${AGENTS}/there-${i % agents}`, { metadata })).ms);
		}
		progress(`${n} each of create, get and patch, in turn`);
		client.close();
		const note = "over HTTP, from the request until the answer is there; create, get and patch in turn";
		return [
			distribution({ what: "API: get an agent", unit: "ms", samples: gets, note }, { p50: 3 }),
			distribution({ what: "API: create an agent", unit: "ms", samples: creates, note: `${note}; writes its revision too` }, { p50: 5 }),
			distribution({ what: "API: patch an agent", unit: "ms", samples: patches, note }),
		];
	});
}
