import * as z from "zod";
import { ageColumn, NONE } from "../columns.ts";
import type { KindDefinition } from "../kind.ts";
import { type NameFormat, nameProblem } from "../name.ts";
import type { BaseResource } from "../resource.ts";
import { JOIN_TOKEN_TTL } from "./join-token-ttl.ts";

const NODE_NAMES: NameFormat = "subdomain";

const specSchema = z.strictObject({
	ttlSeconds: z
		.number()
		.int()
		.min(1)
		.max(JOIN_TOKEN_TTL.limit)
		.default(JOIN_TOKEN_TTL.default)
		.describe(`How long machines may join with it, in seconds; ${JOIN_TOKEN_TTL.limit} (24 hours) at most`),
	description: z.string().max(1024).optional().describe("What it is for"),
	nodeName: z.string().optional().describe("The only node that may join with it; absent: any"),
	uses: z.number().int().min(1).max(1_000).optional().describe("How many machines may join with it; absent: any number until it expires"),
});
export type NodeJoinTokenSpec = z.output<typeof specSchema>;

const statusSchema = z.object({
	token: z.string().optional().describe("The token: said once, to whoever makes it, and kept nowhere"),
	expirationTimestamp: z.string().describe("When it expires"),
	createdBy: z.string().describe("Who made it"),
	joined: z.number().int().optional().describe("How many machines have joined with it, where their number is limited"),
});

export interface NodeJoinToken extends BaseResource {
	spec: NodeJoinTokenSpec;
	status: z.output<typeof statusSchema>;
}

/** Tokens with which machines join as nodes. They are the Dispatcher's, which keeps a hash of each. */
export const nodeJoinTokenKind: KindDefinition<NodeJoinToken> = {
	group: "klaw.sh",
	version: "v1",
	kind: "NodeJoinToken",
	plural: "nodejointokens",
	singular: "nodejointoken",
	shortNames: ["njt"],
	scope: "Cluster",
	verbs: ["create", "delete", "get", "list"],
	description: "A NodeJoinToken lets machines join as nodes for a while. Its token is said once, when it is created.",
	names: "subdomain",
	schema: z.strictObject({ spec: specSchema.prefault({}).describe("What may be done with it") }),
	status: statusSchema,
	validate: ({ spec: { nodeName } }) => {
		const problem = nodeName === undefined ? undefined : nameProblem(NODE_NAMES, nodeName);
		if (problem === undefined) return [];
		return [{ reason: "FieldValueInvalid", field: "spec.nodeName", message: `Invalid value: ${JSON.stringify(nodeName)}: ${problem}` }];
	},
	columns: [
		{ name: "Expires", type: "string", description: "When it expires", cell: ({ status }) => status.expirationTimestamp },
		{ name: "Node", type: "string", description: "The only node that may join with it", cell: ({ spec }) => spec.nodeName ?? NONE },
		{ name: "Created-By", type: "string", description: "Who made it", cell: ({ status }) => status.createdBy },
		ageColumn,
		{ name: "Description", type: "string", description: "What it is for", priority: 1, cell: ({ spec }) => spec.description ?? NONE },
	],
};
