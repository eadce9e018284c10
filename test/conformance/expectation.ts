/**
 * What a line of a transcript stands for. Everything is literal but:
 *
 * - `{{age}}` `{{uid}}` `{{time}}` and the others of {@link PLACEHOLDERS};
 * - three or more spaces inside a line, and those behind a placeholder, which stand for any gap: columns are as wide as
 *   their widest cell, and that may be an age;
 * - `{{...}}` alone on a line, which stands for any number of lines.
 */
const PLACEHOLDERS: Record<string, string> = {
	age: "(?:\\d+[smhdy])+",
	any: ".*",
	bytes: "\\d+(?:\\.\\d+)?(?:[KMGT]i?)?",
	count: "\\d+",
	hash: "[0-9a-f]{12}",
	id: "[0-9a-z]{4,}",
	time: "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
	date: "[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}",
	uid: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
	jwt: "ey[\\w-]+\\.[\\w-]+\\.[\\w-]+",
	version: "\\d+\\.\\d+\\.\\d+\\S*",
	word: "\\S+",
};

const ANY_LINES = "{{...}}";

/** @throws Error naming a placeholder that is not known */
export function matchesLine(expected: string, actual: string): boolean {
	return expected === actual || linePattern(expected).test(actual);
}

/** Whether the whole output is as expected. */
export function matchesOutput(expected: string[], actual: string[]): boolean {
	return lengthsMatched(expected, actual).has(actual.length);
}

/** How many lines of the output the expectation takes up at least; undefined when they do not begin as expected. */
export function matchesBeginning(expected: string[], actual: string[]): number | undefined {
	return [...lengthsMatched(expected, actual)].sort((a, b) => a - b)[0];
}

/**
 * The difference, line by line: `-` is missing, `+` was not expected. Lines that match are shown as they were printed.
 */
export function difference(expected: string[], actual: string[]): string {
	// common[i][j]: how many lines of expected from i and actual from j can be paired.
	const common = Array.from({ length: expected.length + 1 }, () => new Array<number>(actual.length + 1).fill(0));
	const at = (i: number, j: number) => common[i]?.[j] ?? 0;
	const pairs = (i: number, j: number) => matchesLine(expected[i] ?? "", actual[j] ?? "");
	for (let i = expected.length - 1; i >= 0; i--) {
		const row = common[i] ?? [];
		for (let j = actual.length - 1; j >= 0; j--) row[j] = pairs(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
	}
	const shown: string[] = [];
	let [i, j] = [0, 0];
	while (i < expected.length || j < actual.length) {
		if (i < expected.length && j < actual.length && pairs(i, j)) {
			shown.push(`  ${actual[j++]}`);
			i++;
		} else if (i < expected.length && (j >= actual.length || at(i + 1, j) >= at(i, j + 1))) {
			shown.push(`- ${expected[i++]}`);
		} else {
			shown.push(`+ ${actual[j++]}`);
		}
	}
	return shown.join("\n");
}

/** Every number of leading lines of the output that the whole expectation can stand for. */
function lengthsMatched(expected: string[], actual: string[]): Set<number> {
	let reached = new Set([0]);
	for (const line of expected) {
		const next = new Set<number>();
		for (const from of reached) {
			if (line === ANY_LINES) for (let to = from; to <= actual.length; to++) next.add(to);
			else if (from < actual.length && matchesLine(line, actual[from] ?? "")) next.add(from + 1);
		}
		reached = next;
	}
	return reached;
}

const patterns = new Map<string, RegExp>();

function linePattern(line: string): RegExp {
	const known = patterns.get(line);
	if (known) return known;
	const source = line.replace(/\{\{(\w+)\}\}( *)|(?<=\S) {3,}(?=\S)|[\\^$.*+?()[\]{}|]/g, (found, placeholder?: string, gap?: string) => {
		if (placeholder === undefined) return found.startsWith(" ") ? " {3,}" : `\\${found}`;
		const pattern = PLACEHOLDERS[placeholder];
		if (pattern === undefined) throw new Error(`There is no placeholder {{${placeholder}}}.`);
		return pattern + (gap === "" || gap === undefined ? "" : gap.length < 3 ? gap : " +");
	});
	const pattern = new RegExp(`^${source}$`);
	patterns.set(line, pattern);
	return pattern;
}
