import { AGENTS, createAgents } from "../api/agents.ts";
import { ApiServer } from "../api/api-server.ts";
import { memoryOf } from "../api/resident-memory.ts";
import { distribution, type Figure, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
/** Clients that list at once. */
const TOGETHER = 5;

/** All agents of a namespace in one request without a limit: as `kubectl get` asks for them, and as a program does. */
export async function apiLists({ quick, progress }: BenchContext): Promise<Figure[]> {
	const agents = quick ? 200 : 5_000;
	const rounds = quick ? 2 : 20;
	return ApiServer.with(async (server) => {
		const filling = await server.client(8);
		await createAgents(filling, "agent", agents);
		filling.close();
		progress(`${agents} agents`);
		const alone = await memoryFor(server, 1);
		const together = await memoryFor(server, TOGETHER);
		const client = await server.client();
		const tables: number[] = [];
		const objects: number[] = [];
		let bytes = 0;
		for (let i = 0; i < rounds; i++) {
			tables.push((await client.get(AGENTS, TABLE)).ms);
			const { ms, text } = await client.get(AGENTS);
			objects.push(ms);
			bytes = text.length;
			const { items }: { items: unknown[] } = JSON.parse(text);
			if (items.length !== agents) throw new Error(`A list of ${agents} agents had ${items.length}.`);
		}
		client.close();
		progress(`${rounds} lists of each form`);
		const what = `API: list of ${agents} agents`;
		const note = "resident memory of workerd at its highest during the list, above what it was before; workerd freshly started";
		return [
			distribution({ what: `${what} as a Table`, unit: "ms", samples: tables }, { p95: 500 }),
			distribution({ what: `${what} as JSON`, unit: "ms", samples: objects, note: `${(bytes / 1e6).toFixed(1)} MB` }),
			...(alone === undefined ? [] : [single({ what: `${what} as JSON: memory`, unit: "MB", value: alone, n: 1, note }, { below: 64 })]),
			...(together === undefined
				? []
				: [single({ what: `${what} as JSON, ${TOGETHER} at once: memory`, unit: "MB", value: together, n: 1, note })]),
		];
	});
}

/** What so many lists at once take, in a workerd that has done nothing but wake up. */
async function memoryFor(server: ApiServer, clients: number): Promise<number | undefined> {
	await server.restart();
	const client = await server.client(clients);
	for (let i = 0; i < 20; i++) await client.get(`${AGENTS}/agent-1`);
	await client.get(`${AGENTS}?limit=10`);
	const lists = () => Promise.all(Array.from({ length: clients }, () => client.get(AGENTS)));
	const megabytes = await memoryOf(await server.workerd(), lists);
	client.close();
	return megabytes;
}
