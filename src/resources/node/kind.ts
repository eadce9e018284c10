import * as z from "zod";
import type { KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { NODE_COLUMNS } from "./columns.ts";
import { type NodeSpec, type NodeStatus, nodeSpecSchema, nodeStatusSchema } from "./schema.ts";

export type { NodeSpec, NodeStatus } from "./schema.ts";
export { nodeSpecSchema, nodeStatusSchema } from "./schema.ts";
export type Node = Resource<NodeSpec, NodeStatus>;

export const nodeKind: KindDefinition<Node> = {
	group: "",
	version: "v1",
	kind: "Node",
	plural: "nodes",
	singular: "node",
	shortNames: ["no"],
	scope: "Cluster",
	// A node comes to be by joining.
	verbs: ["delete", "get", "list", "patch", "update", "watch"],
	description: "A Node is a place where sessions run their tools: a Cloudflare Container, or any machine that joined.",
	names: "subdomain",
	schema: z.strictObject({ spec: nodeSpecSchema.prefault({}).describe("What may run there") }),
	status: nodeStatusSchema,
	selectableFields: { "spec.unschedulable": ({ spec }) => String(spec.unschedulable ?? false) },
	columns: NODE_COLUMNS,
};
