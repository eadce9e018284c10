import type { NodeStats } from "../../../containers/node/stats/protocol.ts";
import { apiVersionOf } from "../../resources/kind.ts";
import { CONTAINER } from "../../resources/pod/pod-of.ts";
import { type ObjectMeta, timestamp } from "../../resources/resource.ts";
import { type NodeMetrics, nodeMetricsKind, type PodMetrics, podMetricsKind } from "../../resources/virtual/metrics.ts";

/** Of what is measured; the rest of its metadata is not the measurement's. */
export type Named = Pick<ObjectMeta, "name" | "namespace" | "labels">;

/** What a workspace's processes use, and over how long that was measured. */
export interface Usage {
	/** Cores. */
	cpu: number;
	/** Bytes. */
	memory: number;
	/** When the window ended, in milliseconds since the epoch. */
	at: number;
	windowMs: number;
}

export function nodeMetrics(named: Named, { node, at, windowMs }: NodeStats): NodeMetrics {
	const { kind } = nodeMetricsKind;
	return {
		...{ apiVersion: apiVersionOf(nodeMetricsKind), kind, metadata: measured(named, at) },
		...{ timestamp: timestamp(at), window: goSeconds(windowMs), usage: quantities(node) },
	};
}

export function podMetrics(named: Named, usage: Usage): PodMetrics {
	const { kind } = podMetricsKind;
	return {
		...{ apiVersion: apiVersionOf(podMetricsKind), kind, metadata: measured(named, usage.at) },
		...{ timestamp: timestamp(usage.at), window: goSeconds(usage.windowMs) },
		containers: [{ name: CONTAINER, usage: quantities(usage) }],
	};
}

function measured({ name, namespace, labels }: Named, at: number): ObjectMeta {
	return {
		...{ name, ...(namespace !== undefined && { namespace }), uid: "", resourceVersion: "" },
		...{ creationTimestamp: timestamp(at), ...(labels && { labels }) },
	};
}

/** Nanocores and kibibytes, as metrics-server has them. */
function quantities({ cpu, memory }: { cpu: number; memory: number }): { cpu: string; memory: string } {
	return { cpu: `${Math.round(cpu * 1e9)}n`, memory: `${Math.round(memory / 1024)}Ki` };
}

/** @example goSeconds(15_020) // "15.02s" */
function goSeconds(ms: number): string {
	return `${Math.round(ms) / 1000}s`;
}
