import * as z from "zod";
import type { Cause } from "../api/status.ts";
import { labelValueProblem, qualifiedNameProblem } from "./name.ts";

/** UTF-8 bytes of all annotations of an object together, as in Kubernetes. */
export const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/** Those that the server itself looks after. */
const STANDARD_FINALIZERS = ["foregroundDeletion", "orphan", "kubernetes"];

/** Labels of one object: what a row of 2 MB holds with room to spare. */
export const LABELS_LIMIT = 1000;

const ownerReferenceSchema = z.object({
	apiVersion: z.string().min(1, "must not be empty"),
	kind: z.string().min(1, "must not be empty"),
	name: z.string().min(1, "must not be empty"),
	uid: z.string().min(1, "must not be empty"),
	controller: z.boolean().optional(),
	blockOwnerDeletion: z.boolean().optional(),
});

/**
 * `metadata` as a client sends it. What the server owns is accepted, because people apply what they got, and read only
 * where it is a precondition of an update.
 */
export const draftMetadataSchema = z.strictObject({
	name: z.string().optional(),
	generateName: z.string().optional(),
	namespace: z.string().optional(),
	labels: z.record(z.string(), z.string()).optional(),
	annotations: z.record(z.string(), z.string()).optional(),
	ownerReferences: z.array(ownerReferenceSchema).optional(),
	finalizers: z.array(z.string()).optional(),
	/** One empty entry resets them. */
	managedFields: z.array(z.record(z.string(), z.unknown())).optional(),
	uid: z.string().optional(),
	resourceVersion: z.string().optional(),
	selfLink: z.string().optional(),
	generation: z.number().optional(),
	creationTimestamp: z.string().optional(),
	deletionTimestamp: z.string().optional(),
	deletionGracePeriodSeconds: z.number().optional(),
});
export type DraftMetadata = z.output<typeof draftMetadataSchema>;

/** What Kubernetes would refuse in labels, annotations, finalizers and owners. */
export function metadataCauses({ labels, annotations, finalizers, ownerReferences }: DraftMetadata): Cause[] {
	const causes: Cause[] = [];
	for (const finalizer of finalizers ?? []) {
		const problem =
			qualifiedNameProblem(finalizer) ??
			(finalizer.includes("/") || STANDARD_FINALIZERS.includes(finalizer)
				? undefined
				: "name is neither a standard finalizer name nor is it fully qualified");
		if (problem) causes.push(wrong("metadata.finalizers", finalizer, problem));
	}
	const controllers = (ownerReferences ?? []).filter(({ controller }) => controller === true);
	if (controllers.length > 1) {
		const named = controllers.map(({ kind, name }) => `${kind}/${name}`).join(", ");
		causes.push(wrong("metadata.ownerReferences", named, "Only one reference can have Controller set to true"));
	}
	for (const [key, value] of Object.entries(labels ?? {})) {
		const problem = qualifiedNameProblem(key) ?? labelValueProblem(value);
		const shown = qualifiedNameProblem(key) ? key : value;
		if (problem) causes.push(wrong("metadata.labels", shown, problem));
	}
	const count = Object.keys(labels ?? {}).length;
	if (causes.length === 0 && count > LABELS_LIMIT) {
		const message = `Too many: ${count} labels, and at most ${LABELS_LIMIT} are accepted`;
		causes.push({ reason: "FieldValueTooLong", field: "metadata.labels", message });
	}
	const texts: string[] = [];
	for (const [key, value] of Object.entries(annotations ?? {})) {
		// Kubernetes lowers the case of annotation keys before it looks at them; the rule is that of labels.
		const problem = qualifiedNameProblem(key);
		if (problem) causes.push(wrong("metadata.annotations", key, problem));
		texts.push(key, value);
	}
	if (isLonger(texts, ANNOTATIONS_LIMIT_BYTES)) {
		const message = `Too long: may not be more than ${ANNOTATIONS_LIMIT_BYTES} bytes`;
		causes.push({ reason: "FieldValueTooLong", field: "metadata.annotations", message });
	}
	return causes;
}

/** Whether texts have more bytes of UTF-8 together. */
function isLonger(texts: readonly string[], bytes: number): boolean {
	const text = texts.join("");
	// A character has three bytes at most, so what is short need not be encoded to be measured.
	return text.length * 3 > bytes && new TextEncoder().encode(text).byteLength > bytes;
}

function wrong(field: string, value: string, problem: string): Cause {
	return { reason: "FieldValueInvalid", field, message: `Invalid value: ${shown(value)}: ${problem}` };
}

const SHOWN_CHARACTERS = 100;

/** A value as an error message quotes it. */
export function shown(value: unknown): string {
	const text = JSON.stringify(value) ?? String(value);
	return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
