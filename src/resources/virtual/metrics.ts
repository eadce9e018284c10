import * as z from "zod";
import { ageColumn } from "../columns.ts";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const usageSchema = z.object({ cpu: z.string().describe("Cores"), memory: z.string().describe("Bytes of memory") });

const measured = {
	timestamp: z.string().describe("When it was measured"),
	window: z.string().describe("How long was measured, for example 30s"),
};

const nodeMetricsSchema = z.object({ ...measured, usage: usageSchema.describe("What is used") });

const podMetricsSchema = z.object({
	...measured,
	containers: z
		.array(z.object({ name: z.string().describe("Name of the container"), usage: usageSchema.describe("What it uses") }))
		.meta({ "x-kubernetes-list-type": "atomic" })
		.describe("What each container uses"),
});

export type NodeMetrics = BaseResource & z.output<typeof nodeMetricsSchema>;
export type PodMetrics = BaseResource & z.output<typeof podMetricsSchema>;

const COMMON = {
	group: "metrics.k8s.io",
	version: "v1beta1",
	singular: "",
	shortNames: [],
	verbs: ["get", "list"],
	names: "subdomain",
} as const;

export const nodeMetricsKind: KindDefinition<NodeMetrics> = {
	...COMMON,
	kind: "NodeMetrics",
	plural: "nodes",
	scope: "Cluster",
	description: "NodeMetrics say what a node uses now.",
	schema: nodeMetricsSchema,
	columns: [
		{ name: "CPU", type: "string", description: "Cores", cell: ({ usage }) => usage.cpu },
		{ name: "Memory", type: "string", description: "Bytes of memory", cell: ({ usage }) => usage.memory },
		{ name: "Window", type: "string", description: "How long was measured", cell: ({ window }) => window },
		ageColumn,
	],
};

export const podMetricsKind: KindDefinition<PodMetrics> = {
	...COMMON,
	kind: "PodMetrics",
	plural: "pods",
	scope: "Namespaced",
	description: "PodMetrics say what the machine's part of a session uses now.",
	schema: podMetricsSchema,
	columns: [
		{ name: "CPU", type: "string", description: "Cores", cell: ({ containers }) => containers[0]?.usage.cpu ?? "0" },
		{ name: "Memory", type: "string", description: "Bytes of memory", cell: ({ containers }) => containers[0]?.usage.memory ?? "0" },
		{ name: "Window", type: "string", description: "How long was measured", cell: ({ window }) => window },
		ageColumn,
	],
};
