import * as z from "zod";
import { ALL_VERBS, type KindDefinition } from "../../src/resources/kind.ts";
import type { BaseResource, Resource } from "../../src/resources/resource.ts";

const widgetSpec = z.strictObject({
	color: z.enum(["red", "green"]).default("red").describe("What it looks like"),
	size: z.number().int().min(1).optional().describe("Millimetres"),
	ports: z
		.array(z.strictObject({ name: z.string().describe("Name of the port"), port: z.number().int().describe("Its number") }))
		.optional()
		.meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
		.describe("Where it is reached"),
});
export type Widget = Resource<z.output<typeof widgetSpec>, { phase?: string }>;

/** A kind of an own group with a spec, a status and two subresources, one of which takes a kind of another group. */
export const widgetKind: KindDefinition<Widget> = {
	group: "example.com",
	version: "v1",
	kind: "Widget",
	plural: "widgets",
	singular: "widget",
	shortNames: ["wg"],
	categories: ["all"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	subresources: [
		{ name: "status", verbs: ["get", "patch", "update"] },
		{ name: "check", verbs: ["create"], body: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" } },
	],
	description: "A Widget is a thing.",
	names: "subdomain",
	schema: z.strictObject({ spec: widgetSpec.describe("What it is to be") }),
	status: z.object({ phase: z.string().optional().describe("How far it is") }),
	columns: [
		{ name: "Color", type: "string", description: "What it looks like", cell: ({ spec }) => spec.color },
		{ name: "Size", type: "integer", description: "Millimetres", priority: 1, cell: ({ spec }) => spec.size ?? 0 },
	],
};

export interface ConfigMap extends BaseResource {
	data?: Record<string, string>;
}

/** A kind of the core group without spec and status. */
export const configMapKind: KindDefinition<ConfigMap> = {
	group: "",
	version: "v1",
	kind: "ConfigMap",
	plural: "configmaps",
	singular: "configmap",
	shortNames: ["cm"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A ConfigMap holds configuration.",
	names: "subdomain",
	schema: z.strictObject({ data: z.record(z.string(), z.string()).optional().describe("The configuration") }),
	columns: [{ name: "Data", type: "integer", description: "How many keys it has", cell: ({ data = {} }) => Object.keys(data).length }],
};

/** A kind of the whole cluster. */
export const namespaceKind: KindDefinition = {
	group: "",
	version: "v1",
	kind: "Namespace",
	plural: "namespaces",
	singular: "namespace",
	shortNames: ["ns"],
	scope: "Cluster",
	verbs: ALL_VERBS,
	description: "A Namespace holds the objects of one tenant.",
	names: "label",
	schema: z.strictObject({}),
	columns: [],
};

/** A kind that is only asked: nothing of it is stored. */
export const reviewKind: KindDefinition = {
	group: "authorization.k8s.io",
	version: "v1",
	kind: "SelfSubjectAccessReview",
	plural: "selfsubjectaccessreviews",
	singular: "selfsubjectaccessreview",
	shortNames: [],
	scope: "Cluster",
	verbs: ["create"],
	description: "A SelfSubjectAccessReview asks what one may do.",
	names: "subdomain",
	schema: z.strictObject({ spec: z.strictObject({ nonResourceAttributes: z.unknown().optional() }) }),
	columns: [],
};
