import * as z from "zod";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const specSchema = z.strictObject({
	audiences: z
		.array(z.string().max(1024))
		.max(64)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.default([])
		.describe("Who is to accept the token; none: this API server"),
	expirationSeconds: z.number().int().default(3600).describe("How long it is to be good, in seconds; 600 at least"),
	boundObjectRef: z
		.strictObject({
			kind: z.enum(["Pod", "Secret"]).optional().describe("Pod or Secret"),
			apiVersion: z.string().optional().describe("v1"),
			name: z.string().optional().describe("Name of the object"),
			uid: z.string().optional().describe("UID of the object"),
		})
		.optional()
		.describe("The token ends with this object"),
});

const statusSchema = z.object({
	token: z.string().describe("The token"),
	expirationTimestamp: z.string().describe("When it expires"),
});

export interface TokenRequest extends BaseResource {
	spec: z.output<typeof specSchema>;
	status?: z.output<typeof statusSchema>;
}

/** The body of `serviceaccounts/token`. */
export const tokenRequestKind: KindDefinition<TokenRequest> = {
	group: "authentication.k8s.io",
	version: "v1",
	kind: "TokenRequest",
	plural: "tokenrequests",
	singular: "tokenrequest",
	shortNames: [],
	scope: "Namespaced",
	// No resource of its own: the body of a subresource.
	verbs: [],
	description: "A TokenRequest asks for a token of a ServiceAccount.",
	names: "subdomain",
	schema: z.strictObject({ spec: specSchema.prefault({}).describe("What token") }),
	status: statusSchema,
	columns: [],
};
