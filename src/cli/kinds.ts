import { CliError } from "./errors.ts";

/** A kind as the command line and the URL name it. */
export interface Kind {
	kind: string;
	apiVersion: string;
	plural: string;
	singular: string;
	shortNames: readonly string[];
	namespaced: boolean;
}

const klaw = { apiVersion: "klaw.sh/v1", namespaced: true };

export const AGENT: Kind = { ...klaw, kind: "Agent", plural: "agents", singular: "agent", shortNames: ["ag"] };
export const TASK: Kind = { ...klaw, kind: "Task", plural: "tasks", singular: "task", shortNames: [] };
export const SESSION: Kind = { ...klaw, kind: "Session", plural: "sessions", singular: "session", shortNames: ["sess"] };
export const NODE: Kind = { apiVersion: "v1", namespaced: false, kind: "Node", plural: "nodes", singular: "node", shortNames: ["no"] };

export const KINDS: readonly Kind[] = [AGENT, TASK, SESSION, NODE];

/** @throws CliError for a word that names no kind. */
export function findKind(word: string): Kind {
	const wanted = word.toLowerCase();
	const found = KINDS.find((kind) =>
		[kind.plural, kind.singular, ...kind.shortNames, qualified(kind), qualified(kind, "plural")].includes(wanted),
	);
	if (found) return found;
	const known = KINDS.map((kind) => [kind.plural, ...kind.shortNames].join("|")).join(", ");
	const meant = KINDS.find((kind) => isSlipOf(wanted, kind.plural) || isSlipOf(wanted, kind.singular));
	throw new CliError(`klaw knows no kind "${word}".${meant ? ` Did you mean ${meant.plural}?` : ""} It knows ${known}.`);
}

/** True when one letter is wrong, missing or too many, or two neighbours are exchanged. */
function isSlipOf(typed: string, meant: string): boolean {
	let start = 0;
	while (start < typed.length && typed[start] === meant[start]) start += 1;
	let end = 0;
	while (end < Math.min(typed.length, meant.length) - start && typed.at(-1 - end) === meant.at(-1 - end)) end += 1;
	const wrong = typed.slice(start, typed.length - end);
	const right = meant.slice(start, meant.length - end);
	if (wrong.length <= 1 && right.length <= 1) return true;
	return wrong.length === 2 && right === `${wrong[1]}${wrong[0]}`;
}

/** The kind of an object. @throws CliError when klaw serves none such. */
export function findKindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): Kind {
	const found = KINDS.find((known) => known.kind === kind && known.apiVersion === apiVersion);
	if (found) return found;
	const known = KINDS.map((one) => `${one.apiVersion} ${one.kind}`).join(", ");
	throw new CliError(`klaw serves no kind "${kind}" of apiVersion "${apiVersion}". It serves ${known}.`);
}

/** `agent.klaw.sh`, as in `agent.klaw.sh/x created`; core kinds have no group. */
export function qualified(kind: Kind, number: "singular" | "plural" = "singular"): string {
	const group = kind.apiVersion.includes("/") ? `.${kind.apiVersion.split("/")[0]}` : "";
	return `${kind[number]}${group}`;
}

/** The path of a kind's collection, or of one object with `name`. */
export function resourcePath(kind: Kind, namespace: string, name?: string): string {
	const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
	const scope = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
	return `${root}${scope}/${kind.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}

export interface ResourceArguments {
	kind: Kind;
	/** Empty: all of them. */
	names: string[];
}

/**
 * Reads what stands after a verb: `tasks`, `task a b`, or `task/a session/b`.
 *
 * @throws CliError for an unknown kind or a mixture of the forms.
 */
export function parseResources(words: readonly string[]): ResourceArguments[] {
	const [first, ...rest] = words;
	if (first === undefined) throw new CliError("Say which kind, for example: tasks");
	if (!first.includes("/")) return [{ kind: findKind(first), names: rest }];
	return words.map((word) => {
		const [kind = "", ...name] = word.split("/");
		if (name.join("/") === "")
			throw new CliError(`"${word}" is not KIND/NAME. Give all of them as KIND/NAME, for example task/x session/y.`);
		return { kind: findKind(kind), names: [name.join("/")] };
	});
}
