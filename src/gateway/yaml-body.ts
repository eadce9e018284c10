import { type Document, isMap, isScalar, Lexer, LineCounter, parseDocument, visit } from "yaml";
import { NESTING_LIMIT } from "../api/patch/nesting.ts";
import { ApiError, failure } from "../api/status.ts";

/** Words, keys, commas and line breaks of one body: some seconds of work at most. A manifest of a thousand lines has ten thousand. */
const TOKENS_LIMIT = 100_000;
/** Each is looked for in the whole document. */
const ALIASES_LIMIT = 100;

/** What stands before a plain or block scalar, which may then look like anything. */
const SCALAR = "\x1f";

/**
 * A YAML text as data, with the keys that stand twice in Kubernetes' words.
 * @throws ApiError 400 or 413 for text that would take a reader too long; an error of the library for what is no YAML
 */
export function readYaml(text: string): { value: unknown; problems: string[] } {
	checkCost(text);
	const lineCounter = new LineCounter();
	// The library compares each key with all others; a set does it better.
	const document = parseDocument(text, { merge: true, uniqueKeys: false, lineCounter });
	const [error] = document.errors;
	if (error) throw error;
	return { value: document.toJS(), problems: duplicateKeys(document, lineCounter) };
}

/** The reader's time grows with tokens, depth and aliases, so they are counted before it begins. @throws ApiError 400 or 413 */
function checkCost(text: string): void {
	let [tokens, depth, aliases] = [0, 0, 0];
	let isText = false;
	for (const token of new Lexer().lex(text)) {
		if (++tokens > TOKENS_LIMIT) throw tooLarge(`${TOKENS_LIMIT} words and marks`);
		if (!isText) {
			if (token === "[" || token === "{") depth++;
			if (token === "]" || token === "}") depth--;
			if (token.startsWith("*") && ++aliases > ALIASES_LIMIT) throw tooLarge(`${ALIASES_LIMIT} aliases`);
		}
		if (depth > NESTING_LIMIT) throw new ApiError(failure("BadRequest", `The body is nested more than ${NESTING_LIMIT} levels deep.`));
		isText = token === SCALAR;
	}
}

function tooLarge(what: string): ApiError {
	return new ApiError(failure("RequestEntityTooLarge", `The body has more than ${what}, which is too much YAML to read. Send it as JSON.`));
}

function duplicateKeys(document: Document, lines: LineCounter): string[] {
	const problems: string[] = [];
	visit(document, {
		Map(_, map) {
			if (!isMap(map)) return;
			const seen = new Set<string>();
			for (const { key } of map.items) {
				if (!isScalar(key) || key.value === "<<") continue;
				const name = String(key.value);
				if (seen.has(name))
					problems.push(`line ${lines.linePos(key.range?.[0] ?? 0).line}: key ${JSON.stringify(name)} already set in map`);
				seen.add(name);
			}
		},
	});
	return problems;
}
