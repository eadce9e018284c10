import { CliError } from "../errors.ts";

/** One step of an expression: it takes the values so far and gives those after it. */
export type Step =
	| { type: "literal"; value: string | number | boolean }
	| { type: "field"; name: string }
	/** `['a\.b']`. kubectl reads it as `.a\.b`; `whole` is the key as it stands, which has precedence. */
	| { type: "key"; whole: string; steps: Step[] }
	| { type: "wildcard" }
	| { type: "recursive" }
	/** `[start:end:step]`; one index is a slice of its own. */
	| { type: "slice"; start?: number; end?: number; step?: number; index?: boolean }
	| { type: "union"; branches: Step[][] }
	| { type: "filter"; left: Step[]; operator: string; right: Step[] };

/** A template is text with actions between braces. */
export type Node = { type: "text"; text: string } | { type: "action"; steps: Step[] } | { type: "range"; steps: Step[]; body: Node[] };

/** @throws CliError in kubectl's words */
export function parseTemplate(template: string): Node[] {
	const open: { steps: Step[]; body: Node[] }[] = [{ steps: [], body: [] }];
	const refuse = (why: string) => new CliError(`error parsing jsonpath ${template}, ${why}`);
	let rest = template;
	while (rest !== "") {
		const start = rest.indexOf("{");
		if (start !== 0) open.at(-1)?.body.push({ type: "text", text: start === -1 ? rest : rest.slice(0, start) });
		if (start === -1) break;
		const action = new ActionParser(rest.slice(start + 1), refuse);
		const { steps, keyword } = action.parse();
		rest = action.rest;
		if (keyword === "range") open.push({ steps, body: [] });
		else if (keyword === "end") {
			const range = open.pop();
			const [parent] = open.slice(-1);
			if (!range || !parent) throw refuse("not in range, nothing to end");
			parent.body.push({ type: "range", ...range });
		} else open.at(-1)?.body.push({ type: "action", steps });
	}
	if (open.length > 1) throw refuse("a range is not ended with {end}");
	return open[0]?.body ?? [];
}

/** The steps of one expression without braces. @throws CliError */
export function parseSteps(expression: string): Step[] {
	const parser = new ActionParser(`${expression}}`, (why) => new CliError(`error parsing jsonpath {${expression}}, ${why}`));
	return parser.parse().steps;
}

/** A name runs to the next of these; a backslash takes their meaning away. */
const NAME = /^(?:\\[\s\S]|[^\s.,[\]$@{}\\])+/;
const SLICE = /^(-?\d+)?(?:(:)(-?\d+)?)?(?::(-?\d+)?)?$/;
const COMPARISON = /^([^!<>=]+)([!<>=]+)([\s\S]+)$/;
const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** Reads what stands between `{` and `}`. */
class ActionParser {
	/** After `parse`: what follows the closing brace. */
	rest: string;
	readonly #refuse: (why: string) => CliError;

	constructor(text: string, refuse: (why: string) => CliError) {
		this.rest = text;
		this.#refuse = refuse;
	}

	parse(): { steps: Step[]; keyword?: "range" | "end" } {
		const steps: Step[] = [];
		let keyword: "range" | "end" | undefined;
		for (;;) {
			this.rest = this.rest.trimStart();
			const [next] = this.rest;
			if (next === undefined) throw this.#refuse("unclosed action");
			if (next === "}") {
				this.rest = this.rest.slice(1);
				return { steps, ...(keyword && { keyword }) };
			}
			if (next === ".") steps.push(...this.#dots());
			else if (next === "[") steps.push(this.#brackets());
			else if (next === '"' || next === "'") steps.push({ type: "literal", value: this.#quoted(next) });
			// Both are the current object: kubectl knows no way back to the root.
			else if (next === "@" || next === "$") this.rest = this.rest.slice(1);
			else {
				const [word] = /^-?[\w.]+/.exec(this.rest) ?? [];
				if (word === undefined) throw this.#refuse(`unrecognized character in action: ${codePoint(next)}`);
				this.rest = this.rest.slice(word.length);
				if (word === "range" || word === "end") keyword = word;
				else steps.push({ type: "literal", value: this.#word(word) });
			}
		}
	}

	#word(word: string): number | boolean {
		if (word === "true" || word === "false") return word === "true";
		const number = Number(word);
		if (Number.isNaN(number)) throw this.#refuse(`unrecognized identifier ${word}`);
		return number;
	}

	#dots(): Step[] {
		const recursive = this.rest.startsWith("..");
		this.rest = this.rest.slice(recursive ? 2 : 1);
		const steps: Step[] = recursive ? [{ type: "recursive" }] : [];
		const [name] = NAME.exec(this.rest) ?? [];
		if (name === undefined) return steps;
		this.rest = this.rest.slice(name.length);
		steps.push(name === "*" ? { type: "wildcard" } : { type: "field", name: unescaped(name) });
		return steps;
	}

	#quoted(quote: string): string {
		const [whole, body = ""] = (quote === '"' ? /^"((?:\\.|[^"\\])*)"/ : /^'((?:\\.|[^'\\])*)'/).exec(this.rest) ?? [];
		if (whole === undefined) throw this.#refuse("unterminated quoted string");
		this.rest = this.rest.slice(whole.length);
		return unquote(body, () => this.#refuse(`unquote string ${whole} error invalid syntax`));
	}

	#brackets(): Step {
		if (this.rest.startsWith("[?(")) return this.#filter();
		const [whole, inner = ""] = /^\[((?:'[^']*'|"[^"]*"|[^\]'"])*)\]/.exec(this.rest) ?? [];
		if (whole === undefined) throw this.#refuse("unterminated array");
		this.rest = this.rest.slice(whole.length);
		const branches = inner.match(/'[^']*'|"[^"]*"|[^,]+/g) ?? [""];
		const [only] = branches;
		if (only !== undefined && branches.length === 1) return this.#selector(only.trim());
		return { type: "union", branches: branches.map((branch) => [this.#selector(branch.trim())]) };
	}

	#selector(text: string): Step {
		if (text === "*") return { type: "slice" };
		const [, quote, key] = /^(['"])([\s\S]*)\1$/.exec(text) ?? [];
		if (quote !== undefined && key !== undefined)
			return {
				type: "key",
				whole: unescaped(key),
				steps: key.match(/(?:\\.|[^.\\])+/g)?.map((name) => ({ type: "field", name: unescaped(name) })) ?? [],
			};
		const slice = SLICE.exec(text);
		if (!slice || text === "") throw this.#refuse(`invalid array index ${text}`);
		const [, start, colon, end, step] = slice;
		const number = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));
		if (colon === undefined) return { type: "slice", start: Number(start), index: true };
		return { type: "slice", start: number(start), end: number(end), step: number(step) };
	}

	#filter(): Step {
		const [whole, inner = ""] = /^\[\?\(((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^)"'])*)\)\]/.exec(this.rest) ?? [];
		if (whole === undefined) throw this.#refuse("unterminated filter");
		this.rest = this.rest.slice(whole.length);
		const within = (text: string) => new ActionParser(`${text}}`, this.#refuse).parse().steps;
		const [, left, operator = "", right] = COMPARISON.exec(inner) ?? [];
		if (left === undefined || right === undefined) return { type: "filter", left: within(inner), operator: "exists", right: [] };
		if (!COMPARISONS.has(operator)) throw this.#refuse(`unrecognized filter operator ${operator}`);
		return { type: "filter", left: within(left), operator, right: within(right) };
	}
}

function unescaped(name: string): string {
	return name.replace(/\\([\s\S])/g, "$1");
}

function unquote(body: string, refuse: () => CliError): string {
	const escapes: Record<string, string> = {
		a: "\u0007",
		b: "\b",
		f: "\f",
		n: "\n",
		r: "\r",
		t: "\t",
		v: "\v",
		"\\": "\\",
		'"': '"',
		"'": "'",
	};
	return body.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([\s\S]))/g, (_, hex?: string, unicode?: string, letter?: string) => {
		if (hex !== undefined || unicode !== undefined) return String.fromCodePoint(Number.parseInt(hex ?? unicode ?? "", 16));
		const character = escapes[letter ?? ""];
		if (character === undefined) throw refuse();
		return character;
	});
}

function codePoint(character: string): string {
	return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")} '${character}'`;
}
