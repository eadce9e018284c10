import { setTimeout as sleep } from "node:timers/promises";
import { AGENTS, benchAgent } from "../api/agents.ts";
import { ApiServer } from "../api/api-server.ts";
import { Watchers } from "../api/watchers/watchers.ts";
import { distribution, type Figure } from "../figure.ts";
import { monotonicMs } from "../monotonic.ts";
import type { BenchContext } from "../part.ts";

const WATCHERS = 200;
/** A write begins this long after the one before. */
const EVERY_MS = 100;
const PATIENCE_MS = 30_000;

/** A write, until everybody who watches the namespace has it. */
export async function apiWatch({ quick, progress }: BenchContext): Promise<Figure[]> {
	const writes = quick ? 10 : 300;
	const warmUps = quick ? 2 : 20;
	return ApiServer.with(async (server) => {
		const client = await server.client();
		const created: { metadata: { resourceVersion: string } } = JSON.parse((await client.post(AGENTS, benchAgent("watched"))).text);
		const url = `${server.klaw.url}${AGENTS}?watch=true&resourceVersion=${created.metadata.resourceVersion}`;
		const watchers = await Watchers.start({ url, token: await server.klaw.token(), watchers: WATCHERS });
		try {
			progress(`${WATCHERS} watchers`);
			const sentAt = new Map<number, number>();
			const answers: number[] = [];
			const begunAt = monotonicMs();
			for (let i = 0; i < warmUps + writes; i++) {
				await sleep(Math.max(0, begunAt + i * EVERY_MS - monotonicMs()));
				const answer = await client.patch(`${AGENTS}/watched`, { metadata: { annotations: { n: String(i) } } });
				if (i < warmUps) continue;
				const { metadata }: { metadata: { resourceVersion: string } } = JSON.parse(answer.text);
				sentAt.set(Number(metadata.resourceVersion), answer.sentAt);
				answers.push(answer.ms);
			}
			const arrivals = await watchers.arrived((warmUps + writes) * WATCHERS, PATIENCE_MS);
			const seen = arrivals.flatMap(([version, , at]) => {
				const sent = sentAt.get(version);
				return sent === undefined ? [] : [at - sent];
			});
			if (seen.length !== writes * WATCHERS) throw new Error(`${writes} writes were seen ${seen.length} times by ${WATCHERS} watchers.`);
			progress(`${writes} writes, each seen by all`);
			client.close();
			const note = "from sending the patch until each watcher has its line; the watchers are one process with a connection each";
			return [
				distribution({ what: `API: a write until ${WATCHERS} watchers see it`, unit: "ms", samples: seen, note }, { p95: 50 }),
				distribution({ what: `API: patch, ${WATCHERS} watchers`, unit: "ms", samples: answers }),
			];
		} finally {
			await watchers.stop();
		}
	});
}
