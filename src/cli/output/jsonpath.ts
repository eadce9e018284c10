import { CliError } from "../errors.ts";
import { goNumber } from "./go-value.ts";
import { formatJson } from "./json.ts";
import { type Node, parseSteps, parseTemplate, type Step } from "./jsonpath-parse.ts";

/** One expression, as `--sort-by`, `custom-columns` and `wait` take it. */
export type JsonPath = readonly Step[];

/**
 * Fills a template of `-o jsonpath=`, in kubectl's dialect: `{.status.phase}`, `{.items[*].metadata.name}` (several
 * values are joined by a space), `{range .items[*]}{.metadata.name}{"\n"}{end}`, `{.metadata.labels.a\.b/c}`,
 * `{.items[?(@.spec.replicas>1)].metadata.name}`, `{..name}`. Text outside braces stands for itself. What is not there
 * is empty. It is no RFC 9535: unions go by branch, filters compare one pair, and an index out of bounds is an error.
 *
 * @throws CliError for a template that cannot be read or does not fit the object.
 */
export function jsonpath(template: string, value: unknown): string {
	return explained(template, () => fill(parseTemplate(template), value));
}

/** The values themselves, as `-o jsonpath-as-json=` prints them. @throws CliError */
export function jsonpathValues(template: string, value: unknown): unknown[] {
	return explained(template, () => parseTemplate(template).flatMap((node) => (node.type === "action" ? evaluate(node.steps, value) : [])));
}

/** Reads `.a.b`, `a.b` or `{.a.b}`. @throws CliError */
export function parsePath(path: string): JsonPath {
	const [, braced, bare] = /^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$/.exec(path) ?? [];
	const inner = braced ?? bare;
	if (inner === undefined)
		throw new CliError("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'");
	return parseSteps(/^[[$@]/.test(inner) ? inner : `.${inner}`);
}

/** What the expression finds; nothing, where it does not fit. */
export function evaluatePath(path: JsonPath, value: unknown): unknown[] {
	try {
		return evaluate(path, value);
	} catch (error) {
		if (error instanceof Mismatch) return [];
		throw error;
	}
}

/** An expression that asks of a value what it is not, such as an index that an array does not have. */
class Mismatch extends Error {
	override readonly name = "Mismatch";
}

function explained<T>(template: string, run: () => T): T {
	try {
		return run();
	} catch (error) {
		if (!(error instanceof Mismatch)) throw error;
		throw new CliError(`error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}`);
	}
}

function fill(nodes: readonly Node[], current: unknown): string {
	return nodes
		.map((node) => {
			if (node.type === "text") return node.text;
			const values = evaluate(node.steps, current);
			if (node.type === "action") return values.map(print).join(" ");
			return values.map((value) => fill(node.body, value)).join("");
		})
		.join("");
}

function print(value: unknown): string {
	if (typeof value === "string") return value;
	return typeof value === "number" ? goNumber(value) : formatJson(value, { indent: 0 });
}

function evaluate(steps: readonly Step[], current: unknown): unknown[] {
	return steps.reduce<unknown[]>((values, step) => apply(step, values), [current]);
}

function apply(step: Step, values: readonly unknown[]): unknown[] {
	switch (step.type) {
		case "literal":
			return [step.value];
		case "field":
			return values.flatMap((value) => member(value, step.name));
		case "key":
			return values.flatMap((value) => {
				const whole = member(value, step.whole);
				return whole.length > 0 ? whole : evaluate(step.steps, value);
			});
		case "wildcard":
			return values.flatMap(children);
		case "recursive":
			return values.flatMap(descendants);
		case "slice":
			return values.flatMap((value) => slice(step, value));
		case "union":
			return step.branches.flatMap((branch) => values.flatMap((value) => evaluate(branch, value)));
		case "filter":
			return values.flatMap((value) => elements(value).filter((element) => holds(step, element)));
	}
}

function member(value: unknown, name: string): unknown[] {
	return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
		? [Reflect.get(value, name)]
		: [];
}

/** Of a map in the order of its keys. */
function children(value: unknown): unknown[] {
	if (Array.isArray(value)) return value;
	if (typeof value !== "object" || value === null) return [];
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return entries.map(([, child]) => child);
}

function descendants(value: unknown): unknown[] {
	return typeof value === "object" && value !== null ? [value, ...children(value).flatMap(descendants)] : [];
}

function elements(value: unknown): unknown[] {
	if (Array.isArray(value)) return value;
	if (value === undefined || value === null) return [];
	throw new Mismatch(`${typeOf(value)} is not array or slice and cannot be filtered`);
}

function slice({ start, end, step = 1, index = false }: Extract<Step, { type: "slice" }>, value: unknown): unknown[] {
	if (!Array.isArray(value)) {
		if (value === null) return [];
		throw new Mismatch(`${typeOf(value)} is not array or slice`);
	}
	const { length } = value;
	if (!index && start === undefined && end === undefined && step === 1) return value;
	const from = (start ?? 0) < 0 ? (start ?? 0) + length : (start ?? 0);
	const to = index ? from + 1 : (end ?? length) < 0 ? (end ?? length) + length : (end ?? length);
	const outside = [from, to - 1].find((place) => place < 0 || place >= length);
	if (from === to) return [];
	if (from > to) throw new Mismatch(`starting index ${from} is greater than ending index ${to}`);
	if (outside !== undefined) throw new Mismatch(`array index out of bounds: index ${outside}, length ${length}`);
	if (step <= 0) throw new Mismatch("step must be > 0");
	return value.slice(from, to).filter((_, place) => place % step === 0);
}

function holds({ left, operator, right }: Extract<Step, { type: "filter" }>, element: unknown): boolean {
	const lefts = evaluate(left, element);
	if (operator === "exists") return lefts.length > 0;
	const rights = evaluate(right, element);
	if (lefts.length > 1 || rights.length > 1) throw new Mismatch("can only compare one element at a time");
	if (lefts.length === 0 || rights.length === 0) return false;
	return compare(lefts[0], operator, rights[0]);
}

function compare(a: unknown, operator: string, b: unknown): boolean {
	if (![a, b].every((value) => ["string", "number", "boolean"].includes(typeof value))) throw new Mismatch("invalid type for comparison");
	if (typeof a !== typeof b) throw new Mismatch("incompatible types for comparison");
	if (operator === "==" || operator === "!=") return (a === b) === (operator === "==");
	// Both are of one of these types, as was just seen.
	const [low, high] = [a, b] as [string, string] | [number, number];
	if (operator === "<") return low < high;
	if (operator === "<=") return low <= high;
	return operator === ">" ? low > high : low >= high;
}

/** As kubectl's messages name types. */
function typeOf(value: unknown): string {
	if (Array.isArray(value)) return "[]interface {}";
	return typeof value === "object" ? "map[string]interface {}" : typeof value;
}
