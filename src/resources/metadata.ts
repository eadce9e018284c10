import * as z from "zod";
import type { Cause } from "../api/status.ts";
import { labelValueProblem, qualifiedNameProblem } from "./name.ts";

/** UTF-8 bytes of all annotations of an object together, as in Kubernetes. */
export const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/** Labels of one object: what a row of 2 MB holds with room to spare. */
export const LABELS_LIMIT = 1000;

/**
 * `metadata` as a client sends it. What the server owns is accepted, because people apply what they got, and read only
 * where it is a precondition of an update.
 */
export const draftMetadataSchema = z.strictObject({
	name: z.string().optional(),
	generateName: z.string().optional(),
	namespace: z.string().optional(),
	labels: z.record(z.string(), z.string()).nullish(),
	annotations: z.record(z.string(), z.string()).nullish(),
	uid: z.string().optional(),
	resourceVersion: z.string().optional(),
	generation: z.number().optional(),
	creationTimestamp: z.string().nullish(),
	deletionTimestamp: z.string().nullish(),
});
export type DraftMetadata = z.output<typeof draftMetadataSchema>;

/** What Kubernetes would refuse in labels and annotations. */
export function metadataCauses({ labels, annotations }: DraftMetadata): Cause[] {
	const causes: Cause[] = [];
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
	let bytes = 0;
	const encoder = new TextEncoder();
	for (const [key, value] of Object.entries(annotations ?? {})) {
		// Kubernetes lowers the case of annotation keys before it looks at them; the rule is that of labels.
		const problem = qualifiedNameProblem(key);
		if (problem) causes.push(wrong("metadata.annotations", key, problem));
		bytes += encoder.encode(key).byteLength + encoder.encode(value).byteLength;
	}
	if (bytes > ANNOTATIONS_LIMIT_BYTES) {
		const message = `Too long: ${bytes} bytes, and at most ${ANNOTATIONS_LIMIT_BYTES} are accepted`;
		causes.push({ reason: "FieldValueTooLong", field: "metadata.annotations", message });
	}
	return causes;
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
