import { shown } from "../../resources/metadata.ts";
import { qualifiedNameProblem } from "../../resources/name.ts";
import { ApiError, failure } from "../status.ts";
import { type LabelOperator, type LabelRequirement, type Labels, meets, requirementProblem } from "./label-requirement.ts";

/** Which objects are meant, by their labels. */
export interface LabelSelector {
	/** Matches everything. */
	readonly empty: boolean;
	readonly requirements: readonly LabelRequirement[];
	matches(labels: Labels | undefined): boolean;
}

/**
 * Reads the text of `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<1`,
 * all of which must hold. Empty text matches everything.
 * @throws ApiError 400 in Kubernetes' words
 * @example parseLabelSelector("tier in (web, db),!draft").matches({ tier: "db" }) // true
 */
export function parseLabelSelector(text = ""): LabelSelector {
	return selectorOf(new Parser(text).requirements());
}

export function selectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
	return {
		empty: requirements.length === 0,
		requirements,
		matches: (labels = {}) => requirements.every((requirement) => meets(requirement, labels)),
	};
}

const SYMBOLS = new Set(["", "=", "==", "!=", "!", "(", ")", ",", "<", ">"]);
const OPERATORS: Readonly<Record<string, LabelOperator>> = {
	in: "in",
	notin: "notin",
	"=": "=",
	"==": "==",
	"!=": "!=",
	">": "gt",
	"<": "lt",
};
const EXPECTED_OPERATORS = "in, notin, =, ==, !=, gt, lt";

/** Kubernetes' grammar, read token by token. The token after the last is the empty text. */
class Parser {
	readonly #tokens: readonly string[];
	#at = 0;

	constructor(text: string) {
		this.#tokens = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
	}

	requirements(): LabelRequirement[] {
		const requirements: LabelRequirement[] = [];
		if (this.#next === "") return requirements;
		if (this.#next !== "!" && SYMBOLS.has(this.#next)) throw refused(`found '${this.#next}', expected: !, identifier, or 'end of string'`);
		for (;;) {
			requirements.push(this.#requirement());
			const token = this.#take();
			if (token === "") return requirements;
			if (token !== ",") throw refused(`found '${token}', expected: ',' or 'end of string'`);
			if (this.#next !== "!" && SYMBOLS.has(this.#next)) throw refused(`found '${this.#next}', expected: identifier after ','`);
		}
	}

	#requirement(): LabelRequirement {
		const absent = this.#next === "!";
		if (absent) this.#take();
		const key = this.#identifier();
		const problem = qualifiedNameProblem(key);
		// Kubernetes names the field here, and it has none.
		if (problem) throw unparsable(`<nil>: Invalid value: ${shown(key)}: ${problem}`);
		if (absent) return { key, operator: "!", values: [] };
		if (this.#next === "" || this.#next === ",") return { key, operator: "exists", values: [] };
		const operator = this.#operator();
		const values = operator === "in" || operator === "notin" ? this.#set() : [this.#value()];
		const requirement: LabelRequirement = { key, operator, values: [...new Set(values)].sort() };
		const wrong = requirementProblem(requirement);
		if (wrong) throw unparsable(wrong);
		return requirement;
	}

	#operator(): LabelOperator {
		const token = this.#take();
		const operator = Object.hasOwn(OPERATORS, token) ? OPERATORS[token] : undefined;
		if (operator === undefined) throw unparsable(`found '${token}', expected: ${EXPECTED_OPERATORS}`);
		return operator;
	}

	/** What follows a comparison; nothing is the empty value. */
	#value(): string {
		return this.#next === "" || this.#next === "," ? "" : this.#identifier();
	}

	#identifier(): string {
		const token = this.#take();
		if (SYMBOLS.has(token)) throw unparsable(`found '${token}', expected: identifier`);
		return token;
	}

	/** `(a, b)`; as in Kubernetes a place that is left empty is the empty value. */
	#set(): string[] {
		const open = this.#take();
		if (open !== "(") throw unparsable(`found '${open}' expected: '('`);
		if (this.#next !== "," && this.#next !== ")" && SYMBOLS.has(this.#next)) {
			throw unparsable(`found '${this.#next}', expected: ',', ')' or identifier`);
		}
		const values: string[] = [];
		for (;;) {
			values.push(SYMBOLS.has(this.#next) ? "" : this.#take());
			const token = this.#take();
			if (token === ")") return values;
			if (token !== ",") throw unparsable(`found '${token}', expected: ',' or ')'`);
		}
	}

	get #next(): string {
		return this.#tokens[this.#at] ?? "";
	}

	#take(): string {
		const token = this.#next;
		this.#at++;
		return token;
	}
}

function unparsable(what: string): ApiError {
	return refused(`unable to parse requirement: ${what}`);
}

function refused(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
