import type { LeaseRequest } from "../../ports.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import { Scheduler } from "./scheduler.ts";
import type { SchedulerConfig, SchedulerNode } from "./types.ts";

const HOSTNAME = "kubernetes.io/hostname";
export const GI = 2 ** 30;

/** A node of 4 cores and 8 GiB that everybody may share. */
export function node(name: string, { labels, ...part }: Partial<SchedulerNode> = {}): SchedulerNode {
	return {
		name,
		incarnation: 1,
		ready: true,
		unschedulable: false,
		capacity: { cpu: 4, memory: 8 * GI, ephemeralStorage: 100 * GI, slots: 10 },
		taints: [],
		...part,
		labels: { [HOSTNAME]: name, "klaw.sh/isolation": "none", ...labels },
	};
}

/** Half a core and one GiB. @param session `namespace/name`, or a name in the namespace default */
export function request(session = "a", part: Partial<LeaseRequest> = {}): LeaseRequest {
	const full = session.includes("/") ? session : `default/${session}`;
	const [namespace = ""] = full.split("/");
	return { session: full, namespace, requests: { cpu: 0.5, memory: GI }, nodeSelector: {}, ...part };
}

/** @param placed requests by the node that they are on */
export function pool(
	nodes: readonly SchedulerNode[],
	placed: Readonly<Record<string, readonly LeaseRequest[]>> = {},
	config: Partial<SchedulerConfig> = {},
): Scheduler {
	const scheduler = new Scheduler({ ...DEFAULT_CONFIG, ...config });
	for (const each of nodes) scheduler.setNode(each);
	for (const [name, requests] of Object.entries(placed)) for (const each of requests) scheduler.place({ request: each, node: name });
	return scheduler;
}

/** The node, or the message when there is none. */
export function where(scheduler: Scheduler, asked: LeaseRequest): string {
	const placement = scheduler.schedule(asked);
	return "node" in placement ? placement.node : placement.message;
}
