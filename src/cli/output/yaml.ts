import { goNumber } from "./go-value.ts";
import { formatScalar } from "./yaml-scalar.ts";

/** Plain data as YAML in kubectl's manner: keys in order, lists at the indentation of their key, text as libyaml writes it. */
export function formatYaml(value: unknown): string {
	if (isFilled(value)) return nested(value, 0);
	return `${leaf(value, 0, 0)}\n`;
}

/** The lines of a map or a list that is not empty. */
function nested(value: object, indent: number): string {
	const margin = " ".repeat(indent);
	if (Array.isArray(value)) return value.map((item) => `${margin}-${listItem(item, indent)}`).join("");
	return keysOf(value)
		.map((key) => {
			const name = formatScalar(key, { indent, column: indent, key: true });
			const child: unknown = Reflect.get(value, key);
			if (isFilled(child)) return `${margin}${name}:\n${nested(child, Array.isArray(child) ? indent : indent + 2)}`;
			return `${margin}${name}: ${leaf(child, indent, indent + name.length + 2)}\n`;
		})
		.join("");
}

function listItem(item: unknown, indent: number): string {
	if (!isFilled(item)) return ` ${leaf(item, indent, indent + 2)}\n`;
	// The first line stands behind the dash.
	return ` ${nested(item, indent + 2).slice(indent + 2)}`;
}

function isFilled(value: unknown): value is object {
	return typeof value === "object" && value !== null && (Array.isArray(value) ? value.length > 0 : keysOf(value).length > 0);
}

/** JSON has no undefined: what is so is not there. */
function keysOf(value: object): string[] {
	return Object.entries(value)
		.flatMap(([key, child]) => (child === undefined ? [] : [key]))
		.sort(naturally);
}

function leaf(value: unknown, indent: number, column: number): string {
	if (value === null || value === undefined) return "null";
	if (Array.isArray(value)) return "[]";
	if (typeof value === "object") return "{}";
	if (typeof value === "number") return goNumber(value);
	return typeof value === "string" ? formatScalar(value, { indent, column }) : String(value);
}

/** Numbers within keys count as numbers (`a2` before `a10`), and come after signs and before letters. */
function naturally(a: string, b: string): number {
	const left = a.match(/\d+|\D/gu) ?? [];
	const right = b.match(/\d+|\D/gu) ?? [];
	for (const [place, one] of left.entries()) {
		const other = right[place];
		if (other === undefined) return 1;
		if (one === other) continue;
		const [sort, otherSort] = [sortOf(one), sortOf(other)];
		if (sort !== otherSort) return sort - otherSort;
		if (sort === 1 && Number(one) !== Number(other)) return Number(one) - Number(other);
		return one < other ? -1 : 1;
	}
	return left.length - right.length;
}

function sortOf(part: string): 0 | 1 | 2 {
	if (/\p{L}/u.test(part)) return 2;
	return /\d/.test(part) ? 1 : 0;
}
