/**
 * JSON as kubectl writes it: keys in order (of the bytes, also those that JavaScript would put first), four spaces, and `<`,
 * `>` and `&` escaped. With `indent` 0 on one line.
 */
export function formatJson(value: unknown, { indent = 4 }: { indent?: number } = {}): string {
	return write(value, indent === 0 ? undefined : "", " ".repeat(indent));
}

/** `margin` of the line that the value begins on; absent: everything on one line. */
function write(value: unknown, margin: string | undefined, step: string): string {
	if (typeof value !== "object" || value === null) return scalar(value);
	const inner = margin === undefined ? undefined : margin + step;
	const colon = margin === undefined ? ":" : ": ";
	const [open, close, parts] = Array.isArray(value)
		? ["[", "]", value.map((item) => write(item, inner, step))]
		: ["{", "}", entriesOf(value).map(([key, child]) => scalar(key) + colon + write(child, inner, step))];
	if (parts.length === 0) return open + close;
	if (margin === undefined) return open + parts.join(",") + close;
	return `${open}\n${parts.map((part) => `${inner}${part}`).join(",\n")}\n${margin}${close}`;
}

function entriesOf(value: object): [string, unknown][] {
	return Object.entries(value)
		.filter(([, child]) => child !== undefined)
		.sort(([a], [b]) => (a < b ? -1 : 1));
}

function scalar(value: unknown): string {
	return (JSON.stringify(value) ?? "null").replace(
		/[<>&\u2028\u2029]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}
