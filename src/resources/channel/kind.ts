import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { ageColumn } from "../columns.ts";
import { conditionStatus, conditionsSchema } from "../conditions.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";
import { CHANNEL_TYPES, type ChannelSpec, channelSpecSchema } from "./schema.ts";

const channelStatusSchema = z.object({ conditions: conditionsSchema.optional() });

export interface Channel extends BaseResource {
	spec: ChannelSpec;
	status?: z.output<typeof channelStatusSchema>;
}

export const channelKind: KindDefinition<Channel> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Channel",
	plural: "channels",
	singular: "channel",
	shortNames: ["ch"],
	categories: ["klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A Channel is a way in and out: Slack, HTTP, an OpenAI-compatible API, signed webhooks or the command line.",
	names: "subdomain",
	schema: z.strictObject({ spec: channelSpecSchema.describe("Where messages come from") }),
	status: channelStatusSchema,
	validate: ({ spec }) => otherMembers(spec),
	warnings: () => ["a Channel is kept and checked, and does not act yet"],
	columns: [
		{ name: "Type", type: "string", description: "What it is", cell: ({ spec }) => spec.type },
		{ name: "Status", type: "string", description: "Whether messages pass", cell: state },
		ageColumn,
		{
			name: "Agent",
			type: "string",
			description: "The agent that answers by default",
			priority: 1,
			cell: ({ spec }) => spec.agent ?? "<default>",
		},
	],
};

/** Members that need nothing may be absent. */
const OPTIONAL_MEMBERS: readonly string[] = ["cli", "http", "openai"];

/** A union in Kubernetes' manner: the member that `type` names, and no other. */
function otherMembers(spec: ChannelSpec): Cause[] {
	return CHANNEL_TYPES.flatMap((member): Cause[] => {
		const field = `spec.${member}`;
		if (member !== spec.type && spec[member] !== undefined)
			return [{ reason: "FieldValueForbidden", field, message: `Forbidden: may not be set when \`type\` is '${spec.type}'` }];
		if (member === spec.type && spec[member] === undefined && !OPTIONAL_MEMBERS.includes(member))
			return [{ reason: "FieldValueRequired", field, message: `Required value: must be set when \`type\` is '${spec.type}'` }];
		return [];
	});
}

function state({ spec, status }: Channel): string {
	if (spec.suspend) return "Suspended";
	const ready = conditionStatus(status?.conditions, "Ready");
	if (ready === undefined) return "Pending";
	return ready === "True" ? "Ready" : "NotReady";
}
