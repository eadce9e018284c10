import { isQuantity, parseQuantity } from "../../resources/quantity.ts";
import { CliError } from "../errors.ts";
import { evaluatePath, parsePath } from "../output/jsonpath.ts";

/**
 * Objects in the order of a field, as `--sort-by` takes it: numbers, quantities and times by their size, other text by its
 * letters, objects without the field first.
 *
 * @throws CliError when no object has the field
 */
export function sortBy<T>(items: readonly T[], field: string, objectOf: (item: T) => unknown): T[] {
	const path = parsePath(field);
	const keyed = items.map((item) => ({ item, key: evaluatePath(path, objectOf(item))[0] }));
	if (items.length > 0 && keyed.every(({ key }) => key === undefined)) {
		const shown = field.startsWith("{") ? field : `{${field.startsWith(".") ? "" : "."}${field}}`;
		throw new CliError(`couldn't find any field with path "${shown}" in the list of objects`);
	}
	return keyed.sort((a, b) => compare(a.key, b.key)).map(({ item }) => item);
}

function compare(a: unknown, b: unknown): number {
	if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
	if (typeof a === "number" && typeof b === "number") return a - b;
	if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
	const [left, right] = [text(a), text(b)];
	if (isQuantity(left) && isQuantity(right)) return parseQuantity(left) - parseQuantity(right);
	return left < right ? -1 : Number(left > right);
}

function text(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}
