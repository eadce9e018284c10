import * as z from "zod";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const statusSchema = z.object({
	userInfo: z
		.object({
			username: z.string().describe("Name of the user"),
			uid: z.string().optional().describe("UID of the user"),
			groups: z.array(z.string()).meta({ "x-kubernetes-list-type": "atomic" }).optional().describe("Groups of the user"),
			extra: z.record(z.string(), z.array(z.string())).optional().describe("What else is known"),
		})
		.describe("Who it is"),
});

export interface SelfSubjectReview extends BaseResource {
	status?: z.output<typeof statusSchema>;
}

export const selfSubjectReviewKind: KindDefinition<SelfSubjectReview> = {
	group: "authentication.k8s.io",
	version: "v1",
	kind: "SelfSubjectReview",
	plural: "selfsubjectreviews",
	singular: "selfsubjectreview",
	shortNames: [],
	scope: "Cluster",
	verbs: ["create"],
	description: "A SelfSubjectReview asks who the server takes whoever sends it for.",
	names: "path",
	schema: z.strictObject({}),
	status: statusSchema,
	columns: [],
};
