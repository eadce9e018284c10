import * as z from "zod";
import { ageColumn } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { localReferenceSchema, objectReferenceSchema } from "../references.ts";
import type { BaseResource } from "../resource.ts";

const BY_NAME = {
	"x-kubernetes-list-type": "map",
	"x-kubernetes-list-map-keys": ["name"],
	"x-kubernetes-patch-strategy": "merge",
	"x-kubernetes-patch-merge-key": "name",
};

const serviceAccountSchema = z.strictObject({
	secrets: z.array(objectReferenceSchema).max(256).meta(BY_NAME).optional().describe("Secrets that those who act as it may use"),
	imagePullSecrets: z.array(localReferenceSchema).max(256).meta(BY_NAME).optional().describe("Accepted and not used: klaw pulls no images"),
	automountServiceAccountToken: z.boolean().optional().describe("Whether its sessions get a token of it; absent: they do"),
});

export type ServiceAccount = BaseResource & z.output<typeof serviceAccountSchema>;

export const serviceAccountKind: KindDefinition<ServiceAccount> = {
	group: "",
	version: "v1",
	kind: "ServiceAccount",
	plural: "serviceaccounts",
	singular: "serviceaccount",
	shortNames: ["sa"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	subresources: [{ name: "token", verbs: ["create"], body: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" } }],
	description: "A ServiceAccount is an identity for programs and agents. Tokens of it are signed, expire, and end with it.",
	names: "subdomain",
	schema: serviceAccountSchema,
	columns: [
		{ name: "Secrets", type: "integer", description: "How many secrets it names", cell: ({ secrets = [] }) => secrets.length },
		ageColumn,
	],
};
