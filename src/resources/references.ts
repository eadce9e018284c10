import * as z from "zod";

const ATOMIC = { "x-kubernetes-map-type": "atomic" };

/** A name of something in the same namespace. */
export const localReferenceSchema = z.strictObject({ name: z.string().max(253).default("").describe("Its name") }).meta(ATOMIC);

/** A Secret of the same namespace. `keys` says which of its keys are read, for `explain`. */
export function secretRef(...keys: string[]): z.ZodType<{ name: string }> {
	return z
		.strictObject({ name: z.string().min(1).max(253).describe("Its name") })
		.meta(ATOMIC)
		.describe(`Secret of the same namespace with the ${keys.length === 1 ? "key" : "keys"} ${keys.join(" and ")}`);
}

/** Kubernetes' `ObjectReference`. */
export const objectReferenceSchema = z
	.strictObject({
		apiVersion: z.string().optional().describe("API version of the object"),
		kind: z.string().optional().describe("Kind of the object"),
		namespace: z.string().optional().describe("Namespace of the object"),
		name: z.string().optional().describe("Name of the object"),
		uid: z.string().optional().describe("UID of the object"),
		resourceVersion: z.string().optional().describe("Resource version that is meant, if a particular one is"),
		fieldPath: z.string().optional().describe("Part of the object that is meant, such as spec.containers{agent}"),
	})
	.meta(ATOMIC);
export type ObjectReference = z.output<typeof objectReferenceSchema>;
