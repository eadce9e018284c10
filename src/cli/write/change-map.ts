import { CliError } from "../errors.ts";

/** What `label` and `annotate` are told: values to set, and keys to take away. */
export interface MapChange {
	set: ReadonlyMap<string, string>;
	remove: ReadonlySet<string>;
}

/**
 * Splits the words after the verb: resources first, then `KEY=VALUE` and `KEY-`.
 *
 * @param what `label` or `annotation`, for errors in kubectl's words
 */
export function splitChanges(words: readonly string[], what: "label" | "annotation"): { resources: string[]; change: MapChange } {
	const isChange = (word: string) => word.includes("=") || (word.endsWith("-") && word !== "-");
	const first = words.findIndex(isChange);
	const resources = first === -1 ? [...words] : words.slice(0, first);
	const set = new Map<string, string>();
	const remove = new Set<string>();
	for (const word of first === -1 ? [] : words.slice(first)) {
		if (!isChange(word)) throw new CliError(`all resources must be specified before ${what} changes: ${word}`);
		const equals = word.indexOf("=");
		if (equals === -1) remove.add(word.slice(0, -1));
		else if (equals === 0) throw new CliError(`invalid ${what} spec: ${word}`);
		else set.set(word.slice(0, equals), word.slice(equals + 1));
	}
	for (const key of set.keys()) if (remove.has(key)) throw new CliError(`cannot modify and remove the same ${what}`);
	return { resources, change: { set, remove } };
}

/**
 * The map as it is to be.
 *
 * @throws CliError when a value is there already and may not be overwritten
 */
export function changeMap(
	before: Readonly<Record<string, string>>,
	{ set, remove }: MapChange,
	{ overwrite, what }: { overwrite: boolean; what: "label" | "annotation" },
): Record<string, string> {
	const after = { ...before };
	const taken: string[] = [];
	for (const [key, value] of set) {
		const old = before[key];
		if (old !== undefined && old !== value) taken.push(`'${key}' already has a value (${old})`);
		after[key] = value;
	}
	if (!overwrite && taken.length > 0) {
		if (what === "annotation")
			throw new CliError(`--overwrite is false but found the following declared annotation(s): ${taken.join("; ")}`);
		throw new CliError(`${taken[0]}, and --overwrite is false`);
	}
	for (const key of remove) delete after[key];
	return after;
}
