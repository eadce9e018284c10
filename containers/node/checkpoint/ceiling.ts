import { grouped } from "../text.ts";
import { IGNORE_FILE } from "./ignore-patterns.ts";
import type { Scan } from "./scan.ts";

/** Files, directories and links of one workspace: what a manifest of them takes is stored under one name. */
export const MAX_ENTRIES = 200_000;
const NAMED = 3;
const NAME_CHARACTERS = 120;
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

const CONSEQUENCE = "so it was not checkpointed; the last checkpoint stands";

/** Why a workspace cannot be checkpointed, as sentences for the model; `undefined` when it can. */
export function overCeiling({ entries, bytes, cut, isSlow }: Omit<Scan, "unreadable">, limitBytes: number): string | undefined {
	if (isSlow) return TOO_SLOW;
	if (cut) return TOO_MANY;
	if (bytes <= limitBytes) return undefined;
	const largest = entries
		.flatMap((entry) => (entry.type === "file" ? [entry] : []))
		.sort((a, b) => b.size - a.size)
		.slice(0, NAMED)
		.map(({ path, size }) => `${shownName(path)} (${shownBytes(size)})`);
	const [has, ceiling] = shownApart(bytes, limitBytes);
	return `The workspace has ${has}, over its ceiling of ${ceiling}, ${CONSEQUENCE}. Largest: ${largest.join(", ")}. Delete what is not needed, or name it in ${IGNORE_FILE}.`;
}

/** There are more than {@link MAX_ENTRIES}, or their names are too long to be kept together. */
export const TOO_MANY = `The workspace has more files and directories than can be kept (${grouped(MAX_ENTRIES)} at most, fewer with very long names), ${CONSEQUENCE}. Delete what is not needed, or name it in ${IGNORE_FILE}.`;

const TOO_SLOW = `To find out which files ${IGNORE_FILE} names took more than 10 s, ${CONSEQUENCE}. Use fewer and simpler patterns in it, or delete files.`;

/** @example shownBytes(5 * 2 ** 30) // "5.0 GiB" */
export function shownBytes(bytes: number): string {
	let value = bytes;
	let unit = 0;
	for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
	return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Two numbers that are rounded to the same text say nothing. */
function shownApart(more: number, less: number): [string, string] {
	const [one, other] = [shownBytes(more), shownBytes(less)];
	return one === other ? [`${grouped(more)} bytes`, `${grouped(less)} bytes`] : [one, other];
}

/** On one line, whatever the file is called. */
export function shownName(path: string): string {
	const plain = path.replaceAll(/\p{C}/gu, "?");
	return plain.length <= NAME_CHARACTERS ? plain : `…${plain.slice(-NAME_CHARACTERS)}`;
}
