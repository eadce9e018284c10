import { AGENTS, benchAgent, createAgents } from "../api/agents.ts";
import type { ApiClient } from "../api/api-client.ts";
import { ApiServer } from "../api/api-server.ts";
import { Watchers } from "../api/watchers/watchers.ts";
import { distribution, type Figure, single } from "../figure.ts";
import { monotonicMs } from "../monotonic.ts";
import type { BenchContext } from "../part.ts";

const WATCHERS = 20;
/** That write at the same time, each one thing after another. */
const WRITERS = 16;
const AGENTS_THERE = 200;
/** One write in so many creates an agent, the others patch one. */
const CREATES = 5;
const PATIENCE_MS = 60_000;

interface Write {
	sentAt: number;
	ms: number;
	version: number;
}

/** As many writes as one namespace takes, for a minute, while clients watch it. */
export async function apiWrites({ quick, progress }: BenchContext): Promise<Figure[]> {
	const seconds = quick ? 3 : 60;
	return ApiServer.with(async (server) => {
		const client = await server.client(WRITERS);
		await createAgents(client, "there", AGENTS_THERE);
		const { metadata }: { metadata: { resourceVersion: string } } = JSON.parse((await client.get(`${AGENTS}?limit=1`)).text);
		const url = `${server.klaw.url}${AGENTS}?watch=true&resourceVersion=${metadata.resourceVersion}`;
		const watchers = await Watchers.start({ url, token: await server.klaw.token(), watchers: WATCHERS });
		try {
			progress(`${WATCHERS} watchers, ${WRITERS} writers, ${seconds} s`);
			const { writes, elapsedMs } = await writeFor(client, seconds * 1000);
			const sentAt = new Map(writes.map((write) => [write.version, write.sentAt]));
			const arrivals = await watchers.arrived(writes.length * WATCHERS, PATIENCE_MS);
			const seen = arrivals.flatMap(([version, , at]) => {
				const sent = sentAt.get(version);
				return sent === undefined ? [] : [at - sent];
			});
			if (seen.length !== writes.length * WATCHERS)
				throw new Error(`${writes.length} writes were seen ${seen.length} times by ${WATCHERS} watchers.`);
			client.close();
			const perSecond = writes.length / (elapsedMs / 1000);
			const how = `${WRITERS} writers without a pause, one write in ${CREATES} a create and the others patches, ${WATCHERS} watchers of all of it`;
			return [
				single(
					{ what: `API: writes to one namespace, ${seconds} s`, unit: "writes/s", value: perSecond, n: writes.length, note: how },
					{ atLeast: 500 },
				),
				distribution({ what: "API: write at that rate", unit: "ms", samples: writes.map(({ ms }) => ms) }),
				distribution({ what: `API: until ${WATCHERS} watchers see it`, unit: "ms", samples: seen }),
			];
		} finally {
			await watchers.stop();
		}
	});
}

async function writeFor(client: ApiClient, ms: number): Promise<{ writes: Write[]; elapsedMs: number }> {
	const writes: Write[] = [];
	const begunAt = monotonicMs();
	let next = 0;
	const writer = async () => {
		while (monotonicMs() - begunAt < ms) {
			const n = next++;
			const metadata = { annotations: { n: String(n) } };
			const { text, ...times } = await (n % CREATES === 0
				? client.post(AGENTS, benchAgent(`new-${n}`))
				: client.patch(`${AGENTS}/there-${n % AGENTS_THERE}`, { metadata }));
			writes.push({ ...times, version: versionIn(text) });
		}
	};
	await Promise.all(Array.from({ length: WRITERS }, writer));
	return { writes, elapsedMs: monotonicMs() - begunAt };
}

/** Read without parsing the whole object: the writers take as little time as they can from what they measure. */
function versionIn(object: string): number {
	return Number(/"resourceVersion":"(\d+)"/.exec(object)?.[1]);
}
