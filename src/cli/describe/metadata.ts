import type { Metadata } from "../objects.ts";
import { LAST_APPLIED } from "../write/last-applied.ts";
import type { Description } from "./description.ts";

/** A longer annotation begins on a line of its own, and is cut. */
const LONGEST_ANNOTATION = 140;

export function describeLabels(text: Description, labels: Metadata["labels"]): void {
	text.list(0, "Labels", pairs(labels, "="));
}

/** Without the one of `apply`, which repeats the whole object. */
export function describeAnnotations(text: Description, annotations: Metadata["annotations"]): void {
	const { [LAST_APPLIED]: _, ...shown } = annotations ?? {};
	const lines = Object.entries(shown)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.flatMap(([key, value]) => {
			const whole = value.replace(/\n$/, "");
			if (key.length + whole.length + 2 <= LONGEST_ANNOTATION && !whole.includes("\n")) return [`${key}: ${whole}`];
			return [`${key}:`, ...whole.split("\n").map((line) => `  ${shorten(line, LONGEST_ANNOTATION - 2)}`)];
		});
	text.list(0, "Annotations", lines);
}

/** What stands at the head of most descriptions. */
export function describeMetadata(text: Description, { name, namespace, labels, annotations }: Metadata, { namespaced = true } = {}): void {
	text.line(0, "Name:", name);
	if (namespaced) text.line(0, "Namespace:", namespace ?? "");
	describeLabels(text, labels);
	describeAnnotations(text, annotations);
}

/** `a=b`, in the order of the keys. */
export function pairs(map: Readonly<Record<string, string>> | undefined, sign: string): string[] {
	return Object.entries(map ?? {})
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, value]) => `${key}${sign}${value}`);
}

function shorten(text: string, length: number): string {
	return text.length > length ? `${text.slice(0, length)}...` : text;
}
