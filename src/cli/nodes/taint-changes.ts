import { CliError, PlainError } from "../errors.ts";

export interface Taint {
	key: string;
	value?: string | undefined;
	effect: string;
	timeAdded?: string | undefined;
}

/** What `taint` is told: taints to put on a node, and to take away, each by its key and perhaps an effect. */
export interface TaintChanges {
	set: readonly Taint[];
	remove: readonly Removal[];
}

/** Without an effect: every taint of the key. */
interface Removal {
	key: string;
	effect?: string;
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_RULE =
	"name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE =
	"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Whether a word changes taints; all others name nodes. */
export function isTaintChange(word: string): boolean {
	return word.includes("=") || word.includes(":") || word.endsWith("-");
}

/**
 * Reads `KEY=VALUE:EFFECT`, `KEY:EFFECT`, `KEY-` and `KEY:EFFECT-`.
 * @throws CliError in kubectl's words
 */
export function parseTaintChanges(words: readonly string[]): TaintChanges {
	const set: Taint[] = [];
	const remove: Removal[] = [];
	for (const word of words) {
		if (word.endsWith("-")) {
			const { key, effect } = parseTaint(word.slice(0, -1));
			remove.push(effect === "" ? { key } : { key, effect });
			continue;
		}
		const taint = parseTaint(word);
		if (taint.effect === "") throw bad(`invalid taint spec: ${word}, ${NAME_RULE}`);
		if (set.some((other) => isSame(other, taint)))
			throw bad(`duplicated taints with the same key and effect: {${taint.key} ${taint.value ?? ""} ${taint.effect} <nil>}`);
		set.push(taint);
	}
	const both = remove.filter((removal) => set.some((taint) => matches(removal, taint))).map(({ key, effect = "" }) => `${key}=${effect}`);
	if (both.length > 0) throw new CliError(`can not both modify and remove the following taint(s) in the same command: ${both.join(", ")}`);
	return { set, remove };
}

/** An effect that is not there is `""`. */
function parseTaint(spec: string): Taint {
	const [pair = "", effect = "", ...more] = spec.split(":");
	const [key = "", value = "", ...values] = pair.split("=");
	if (more.length > 0 || values.length > 0) throw bad(`invalid taint spec: ${spec}`);
	const name = key.slice(key.lastIndexOf("/") + 1);
	if (!NAME.test(name)) throw bad(`invalid taint spec: ${spec}, ${name === "" ? "name part must be non-empty; " : ""}${NAME_RULE}`);
	if (value !== "" && !NAME.test(value)) throw bad(`invalid taint spec: ${spec}, ${VALUE_RULE}`);
	if (spec.includes(":") && !EFFECTS.includes(effect)) throw bad(`invalid taint effect: ${effect}, unsupported taint effect`);
	return { key, effect, ...(value !== "" && { value }) };
}

/**
 * A node's taints with the changes, and what to say was done.
 * @throws CliError in kubectl's words
 */
export function changedTaints(
	node: string,
	before: readonly Taint[],
	{ set, remove }: TaintChanges,
	overwrite: boolean,
): { taints: Taint[]; done: "tainted" | "untainted" | "modified" } {
	const taken = set.filter((taint) => before.some((old) => isSame(old, taint))).map(({ key }) => key);
	if (taken.length > 0 && !overwrite)
		throw new CliError(`node ${node} already has ${taken.join(",")} taint(s) with same effect(s) and --overwrite is false`);
	const missing = remove
		.filter((removal) => !before.some((old) => matches(removal, old)))
		.map(({ key, effect }) => `taint "${key}${effect === undefined ? "" : `:${effect}`}" not found`);
	if (missing.length > 0) throw new (missing.length === 1 ? CliError : PlainError)(missing.join("\n"));
	const kept = before.filter((old) => !set.some((taint) => isSame(old, taint)) && !remove.some((removal) => matches(removal, old)));
	const modified = overwrite || (set.length > 0 && remove.length > 0);
	return { taints: [...set, ...kept], done: modified ? "modified" : set.length > 0 ? "tainted" : "untainted" };
}

function isSame(a: Taint, b: Taint): boolean {
	return a.key === b.key && a.effect === b.effect;
}

function matches({ key, effect }: Removal, taint: Taint): boolean {
	return taint.key === key && (effect === undefined || taint.effect === effect);
}

function bad(message: string): CliError {
	return new CliError(`${message}\nSee 'klaw taint -h' for help and examples`);
}
