/**
 * A value as kubectl shows it where it means to show no JSON: maps as `map[a:1 b:2]`, lists as `[1 2]`, nothing as
 * `<nil>`.
 */
export function goValue(value: unknown): string {
	if (value === null || value === undefined) return "<nil>";
	if (Array.isArray(value)) return `[${value.map(goValue).join(" ")}]`;
	if (typeof value === "object") {
		const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
		return `map[${entries.map(([key, one]) => `${key}:${goValue(one)}`).join(" ")}]`;
	}
	if (typeof value === "number") return goNumber(value);
	return String(value);
}

/** Fractions take an exponent from a million on and below a ten thousandth, whole numbers never. */
export function goNumber(value: number): string {
	if (Number.isSafeInteger(value)) return String(value);
	const size = Math.abs(value);
	const text = size >= 1e6 || size < 1e-4 ? value.toExponential() : String(value);
	return text.replace(/e([+-])(\d)$/, "e$10$2");
}
