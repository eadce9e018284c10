import * as z from "zod";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const evictionSchema = z.strictObject({
	deleteOptions: z
		.looseObject({
			dryRun: z.array(z.string()).optional().describe("All: do everything but the deleting"),
			gracePeriodSeconds: z.number().int().min(0).optional().describe("Seconds until it is gone"),
			preconditions: z
				.strictObject({
					uid: z.string().optional().describe("Only the object with this UID"),
					resourceVersion: z.string().optional().describe("Only the object at this version"),
				})
				.optional()
				.describe("What must hold"),
			propagationPolicy: z.string().optional().describe("Background, Foreground or Orphan"),
		})
		.optional()
		.describe("How it is deleted"),
});

export type Eviction = BaseResource & z.output<typeof evictionSchema>;

/** The body of `pods/eviction`, by which `kubectl drain` asks. */
export const evictionKind: KindDefinition<Eviction> = {
	group: "policy",
	version: "v1",
	kind: "Eviction",
	plural: "evictions",
	singular: "eviction",
	shortNames: [],
	scope: "Namespaced",
	// No resource of its own: the body of a subresource.
	verbs: [],
	description: "An Eviction asks a pod to leave its node.",
	names: "subdomain",
	schema: evictionSchema,
	columns: [],
};
