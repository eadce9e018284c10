import { DEFAULT_CONFIG } from "../../../durable-objects/dispatcher/scheduler/config.ts";
import { Scheduler } from "../../../durable-objects/dispatcher/scheduler/scheduler.ts";
import type { SchedulerNode } from "../../../durable-objects/dispatcher/scheduler/types.ts";
import type { LeaseRequest } from "../../../durable-objects/ports.ts";
import { percentile } from "../figure.ts";
import { randomNumbers } from "./random.ts";

const GI = 2 ** 30;
/** Decisions before anything is measured. */
const WARM_UP = 5_000;

export interface Core {
	nodes: number;
	decisions: number;
	/** Those that found a node. */
	placed: number;
	seed: number;
	/** Decisions with their placement in a second. */
	perSecond: number;
	/** Milliseconds of one decision with its placement. */
	p50: number;
	p99: number;
}

/**
 * Nodes of three sizes in three zones, one of ten tainted and one of ten with a label, kept about two thirds full: each session
 * stays until as many came after it as fill the pool. Of 20 requests 14 are plain, 2 have a node selector, 2 a toleration, 1 a
 * preferred node affinity and 1 prefers to be apart from its own kind.
 */
export function core(nodes: number, decisions: number, seed: number): Core {
	const random = randomNumbers(seed);
	const scheduler = new Scheduler(DEFAULT_CONFIG);
	for (let index = 0; index < nodes; index++) scheduler.setNode(nodeOf(index));
	const most = nodes * SESSIONS_PER_NODE;
	for (let index = 0; index < most; index++) placeNext(scheduler, requestOf(index, random));
	const samples: number[] = [];
	let placed = 0;
	let begunAt = 0;
	for (let index = most; index < most + WARM_UP + decisions; index++) {
		if (index === most + WARM_UP) begunAt = performance.now();
		const request = requestOf(index, random);
		const at = performance.now();
		if (placeNext(scheduler, request) && index >= most + WARM_UP) placed += 1;
		if (index >= most + WARM_UP) samples.push(performance.now() - at);
		scheduler.unplace(sessionOf(index - most));
	}
	const seconds = (performance.now() - begunAt) / 1000;
	return {
		...{ nodes, decisions, placed, seed, perSecond: decisions / seconds },
		...{ p50: percentile(samples, 50), p99: percentile(samples, 99) },
	};
}

const SESSIONS_PER_NODE = 12;

function placeNext(scheduler: Scheduler, request: LeaseRequest): boolean {
	const placement = scheduler.schedule(request);
	if ("message" in placement) return false;
	scheduler.place({ request, node: placement.node });
	return true;
}

function nodeOf(index: number): SchedulerNode {
	const size = [4, 8, 16][index % 3] ?? 8;
	const name = `node-${String(index).padStart(5, "0")}`;
	return {
		...{ name, incarnation: 1, ready: true, unschedulable: false },
		capacity: { cpu: size, memory: size * 4 * GI, ephemeralStorage: 100e9, slots: 110 },
		labels: {
			"kubernetes.io/hostname": name,
			"klaw.sh/isolation": "none",
			zone: `zone-${index % 3}`,
			...(index % 10 === 0 && { disk: "ssd" }),
		},
		taints: index % 10 === 1 ? [{ key: "gpu", effect: "NoSchedule" }] : [],
	};
}

function sessionOf(index: number): string {
	return `team-${index % 50}/session-${index}`;
}

function requestOf(index: number, random: () => number): LeaseRequest {
	const agent = `agent-${index % 200}`;
	return {
		session: sessionOf(index),
		namespace: `team-${index % 50}`,
		requests: { cpu: Math.ceil(random() * 10) / 10, memory: Math.ceil(random() * 16) * (GI / 4) },
		labels: { "klaw.sh/agent": agent, "klaw.sh/session": `session-${index}` },
		nodeSelector: {},
		...kindOf(index, agent),
	};
}

function kindOf(index: number, agent: string): Partial<LeaseRequest> {
	switch (index % 20) {
		case 3:
		case 13:
			return { nodeSelector: { zone: `zone-${index % 3}` } };
		case 7:
		case 17:
			return { tolerations: [{ key: "gpu", operator: "Exists" }] };
		case 9: {
			const preference = { matchExpressions: [{ key: "disk", operator: "In" as const, values: ["ssd"] }] };
			return { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference }] } } };
		}
		case 11: {
			const sessionAffinityTerm = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { "klaw.sh/agent": agent } } };
			return {
				affinity: { sessionAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, sessionAffinityTerm }] } },
			};
		}
		default:
			return {};
	}
}

if (import.meta.main) {
	const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
	console.log(`seed ${seed}`);
	console.table([1_000, 5_000].map((nodes) => core(nodes, 50_000, seed)));
}
