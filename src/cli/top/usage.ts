import * as z from "zod";
import { parseQuantity } from "../../resources/quantity.ts";
import type { ApiClient } from "../api-client.ts";
import { type ResourceName, resourcePath } from "../api-resource.ts";
import { queryOf } from "../read/list.ts";

/** What something uses, or has: CPU in cores, memory in bytes. */
export interface Amount {
	cpu: number;
	memory: number;
}

export interface NodeUsage extends Amount {
	name: string;
}

export interface PodUsage extends Amount {
	name: string;
	namespace: string;
	containers: (Amount & { name: string })[];
}

const resourceList = z.record(z.string(), z.string()).nullish();
const metadata = z.looseObject({ name: z.string(), namespace: z.string().nullish() });
const podSchema = z.looseObject({ metadata, containers: z.array(z.looseObject({ name: z.string(), usage: resourceList })).default([]) });
const nodeSchema = z.looseObject({ metadata, usage: resourceList });
const capacitySchema = z.looseObject({
	metadata,
	status: z.looseObject({ capacity: resourceList, allocatable: resourceList }).default({}),
});

const METRICS = { group: "metrics.k8s.io", version: "v1beta1" };
const POD_METRICS: ResourceName = { ...METRICS, plural: "pods", namespaced: true };
const NODE_METRICS: ResourceName = { ...METRICS, plural: "nodes", namespaced: false };
const NODES: ResourceName = { group: "", version: "v1", plural: "nodes", namespaced: false };

export interface UsageQuery {
	selector?: string;
	fieldSelector?: string;
}

/** Of one Pod, or of all in a namespace, or without a namespace of all there are. */
export async function podUsage(
	client: ApiClient,
	namespace: string | undefined,
	name: string | undefined,
	query: UsageQuery,
): Promise<PodUsage[]> {
	const pods = await read(client, POD_METRICS, podSchema, namespace, name, query);
	return pods.map(({ metadata, containers }) => {
		const each = containers.map(({ name, usage }) => ({ name, ...amount(usage) }));
		return { name: metadata.name, namespace: metadata.namespace ?? "", containers: each, ...total(each) };
	});
}

/** Of one node, or of all. */
export async function nodeUsage(client: ApiClient, name: string | undefined, query: UsageQuery): Promise<NodeUsage[]> {
	const nodes = await read(client, NODE_METRICS, nodeSchema, undefined, name, query);
	return nodes.map(({ metadata, usage }) => ({ name: metadata.name, ...amount(usage) }));
}

/** What nodes have: all of it, or what they give away. */
export async function nodeCapacity(client: ApiClient, name: string | undefined, query: UsageQuery, whole: boolean): Promise<NodeUsage[]> {
	const nodes = await read(client, NODES, capacitySchema, undefined, name, query);
	return nodes.map(({ metadata, status }) => ({
		name: metadata.name,
		...amount(whole ? status.capacity : (status.allocatable ?? status.capacity)),
	}));
}

export function total(amounts: readonly Amount[]): Amount {
	return {
		cpu: amounts.reduce((sum, { cpu }) => sum + cpu, 0),
		memory: amounts.reduce((sum, { memory }) => sum + memory, 0),
	};
}

/** `250m` and `64Mi`: part of a thousandth counts as one, part of a mebibyte not. */
export function amountCells({ cpu, memory }: Amount): [string, string] {
	// Sums of fractions of a core are not exact.
	return [`${Math.ceil(Number((cpu * 1000).toFixed(6)))}m`, `${Math.floor(memory / 2 ** 20)}Mi`];
}

async function read<T>(
	client: ApiClient,
	resource: ResourceName,
	schema: z.ZodType<T>,
	namespace: string | undefined,
	name: string | undefined,
	{ selector, fieldSelector }: UsageQuery,
): Promise<T[]> {
	if (name !== undefined) return [schema.parse(await client.json(resourcePath(resource, namespace, name)))];
	const search = queryOf({ labelSelector: selector, fieldSelector }).toString();
	const list = z.looseObject({ items: z.array(schema) });
	return list.parse(await client.json(`${resourcePath(resource, namespace)}${search === "" ? "" : `?${search}`}`)).items;
}

function amount(list: Readonly<Record<string, string>> | null | undefined): Amount {
	return { cpu: parseQuantity(list?.cpu ?? "0"), memory: parseQuantity(list?.memory ?? "0") };
}
