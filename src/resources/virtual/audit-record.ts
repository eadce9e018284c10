import * as z from "zod";
import { ageColumn, NONE } from "../columns.ts";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const auditRecordSchema = z.object({
	user: z
		.object({
			username: z.string().describe("Name of the user"),
			groups: z.array(z.string()).meta({ "x-kubernetes-list-type": "atomic" }).describe("Groups of the user"),
			uid: z.string().optional().describe("UID of the user"),
		})
		.describe("Who did it"),
	impersonatedBy: z.string().optional().describe("Who really did it, when the user was impersonated"),
	verb: z.string().describe("What was done"),
	objectRef: z
		.object({
			apiGroup: z.string().optional().describe("API group; absent: the core group"),
			resource: z.string().describe("Plural"),
			subresource: z.string().optional().describe("Subresource, such as exec"),
			namespace: z.string().optional().describe("Namespace"),
			name: z.string().optional().describe("Name"),
		})
		.describe("What it was done to"),
	responseStatus: z
		.object({
			code: z.number().int().describe("HTTP code of the answer"),
			reason: z.string().optional().describe("Why it failed, in one word"),
			message: z.string().optional().describe("Why it failed, in a sentence"),
		})
		.describe("What came of it"),
	requestReceivedTimestamp: z.string().describe("When, in microseconds"),
});

export type AuditRecord = BaseResource & z.output<typeof auditRecordSchema>;

export const auditRecordKind: KindDefinition<AuditRecord> = {
	group: "klaw.sh",
	version: "v1",
	kind: "AuditRecord",
	plural: "auditrecords",
	singular: "auditrecord",
	shortNames: ["audit"],
	categories: [],
	scope: "Namespaced",
	verbs: ["get", "list"],
	description: "An AuditRecord says who wrote, executed or was denied what. The words are those of Kubernetes' audit events.",
	names: "subdomain",
	schema: auditRecordSchema,
	columns: [
		{ name: "User", type: "string", description: "Who did it", cell: ({ user }) => user.username },
		{ name: "Verb", type: "string", description: "What was done", cell: ({ verb }) => verb },
		{ name: "Resource", type: "string", description: "To what kind of thing", cell: resourceOf },
		{ name: "Object", type: "string", description: "To which", cell: ({ objectRef }) => objectRef.name ?? NONE },
		{ name: "Code", type: "integer", description: "HTTP code of the answer", cell: ({ responseStatus }) => responseStatus.code },
		ageColumn,
		{
			name: "Reason",
			type: "string",
			description: "Why it failed",
			priority: 1,
			cell: ({ responseStatus }) => responseStatus.reason ?? NONE,
		},
	],
};

/** `agents.klaw.sh/status`, as `kubectl auth can-i --list` writes it. */
function resourceOf({ objectRef: { apiGroup, resource, subresource } }: AuditRecord): string {
	const plural = apiGroup ? `${resource}.${apiGroup}` : resource;
	return subresource ? `${plural}/${subresource}` : plural;
}
