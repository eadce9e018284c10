import type { NodeStats } from "../../containers/node/stats/protocol.ts";
import { nodeObjectName } from "../../durable-objects/names.ts";
import type { NodeRecord } from "../../durable-objects/ports.ts";
import type { Usage } from "../api/pods/metrics.ts";
import type { Env } from "../env.ts";
import { ahead } from "./lists/ahead.ts";
import { askDispatcher } from "./objects.ts";

/** Machines that are asked at once. */
const ASKED_AT_ONCE = 32;

/** What each connected machine of a cluster uses now. One that does not answer is left out. @throws ApiError */
export async function machineUsage(env: Env, cluster: string, only?: string): Promise<{ record: NodeRecord; stats: NodeStats }[]> {
	const records = await askDispatcher(env, cluster, async (stub) => stub.listNodes());
	const asked = records.filter(({ ready, name }) => ready && (only === undefined || name === only));
	const answers = ahead(asked, ASKED_AT_ONCE, async (record) => {
		const stats = await env.NODE.getByName(nodeObjectName(record.name, cluster))
			.stats()
			.catch((error: unknown) => console.warn(`node ${record.name} could not be asked what it uses`, error));
		return stats ? [{ record, stats }] : [];
	});
	const all: { record: NodeRecord; stats: NodeStats }[] = [];
	for await (const answer of answers) all.push(...answer);
	return all;
}

/** What each workspace uses on all machines together. */
export function usageByWorkspace(machines: readonly { stats: NodeStats }[]): Map<string, Usage> {
	const usage = new Map<string, Usage>();
	for (const { stats } of machines) {
		for (const { workspace, cpu, memory } of stats.workspaces) {
			const other = usage.get(workspace);
			usage.set(workspace, { ...stats, cpu: cpu + (other?.cpu ?? 0), memory: memory + (other?.memory ?? 0) });
		}
	}
	return usage;
}
