/** Kubernetes quantities (`500m`, `2`, `128Mi`, `1G`, `1e3`) and Go durations (`90s`, `1h30m`). */
import * as z from "zod";

const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Record<string, number> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };
const QUANTITY = /^\+?(\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})(?:([numkMGTPE]?|[KMGTPE]i)|[eE]([+-]?\d{1,2}))$/;

/** Kubernetes' regular expression for them, as it says when one is none of them. */
export const QUANTITY_RULE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** @throws RangeError for text that is no quantity. */
export function parseQuantity(text: string): number {
	const match = QUANTITY.exec(text);
	if (!match) throw new RangeError(`"${text}" is not a quantity such as 500m, 2 or 128Mi`);
	const [, digits, suffix = "", exponent] = match;
	const binary = BINARY[suffix];
	if (binary !== undefined) return Number(digits) * 1024 ** binary;
	// Scaled by a whole power of ten as text, because 0.1 * 1e-3 is not 1e-4.
	return Number(`${digits}e${exponent ?? DECIMAL[suffix] ?? 0}`);
}

export function isQuantity(text: string): boolean {
	return QUANTITY.test(text);
}

/**
 * A number as the quantity that Kubernetes would write: in the largest unit that leaves it whole.
 * @example formatQuantity(0.5) // "500m"; formatQuantity(2 ** 30, "binary") // "1Gi"
 */
export function formatQuantity(value: number, units: "decimal" | "binary" = "decimal"): string {
	if (units === "binary" && Number.isInteger(value) && value >= 1024) {
		const [suffix, power] = Object.entries(BINARY).findLast(([, power]) => value % 1024 ** power === 0) ?? ["", 0];
		return `${value / 1024 ** power}${suffix}`;
	}
	if (value === 0) return "0";
	if (Number.isInteger(value)) {
		const [suffix, power] = Object.entries(DECIMAL).findLast(([, power]) => power >= 0 && value % 10 ** power === 0) ?? ["", 0];
		return `${value / 10 ** power}${suffix}`;
	}
	for (const suffix of ["m", "u"]) {
		const scaled = shifted(value, -(DECIMAL[suffix] ?? 0));
		if (Number.isInteger(scaled)) return `${scaled}${suffix}`;
	}
	// As in Kubernetes, what is finer than a billionth is rounded up.
	return `${Math.ceil(shifted(value, 9))}n`;
}

/** Times a power of ten, in decimal: sums of cores have noise in their 16th digit, and 0.57 * 100 is not 57. */
function shifted(value: number, power: number): number {
	const [digits, exponent = "0"] = String(Number(value.toPrecision(15))).split("e");
	return Number(`${digits}e${Number(exponent) + power}`);
}

/** Whether a quantity was written in powers of two, so that sums of it should be too. */
export function unitsOf(text: string): "decimal" | "binary" {
	return text.endsWith("i") ? "binary" : "decimal";
}

/** The same quantity in the form in which Kubernetes serves it. @example canonicalQuantity("1000m") // "1" */
export function canonicalQuantity(text: string): string {
	return formatQuantity(parseQuantity(text), unitsOf(text));
}

const DURATION = /^(?:\d{1,15}(?:\.\d{1,9})?(?:ms|s|m|h)){1,8}$/;
/** A year: longer than anything that is meant to end. */
const LONGEST_MS = 8_760 * 3_600_000;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds. @throws RangeError for text that is no duration. */
export function parseDuration(text: string): number {
	if (!DURATION.test(text)) throw new RangeError(`"${text}" is not a duration such as 90s, 30m or 1h30m`);
	let total = 0;
	for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) total += Number(value) * (UNIT_MS[unit ?? ""] ?? 0);
	return total;
}

export const quantity = z
	.union([z.string(), z.number().nonnegative().transform(String)])
	.refine(isQuantity, "must be a quantity such as 500m, 2 or 128Mi");
export const duration = z
	.string()
	.refine(
		(text) => DURATION.test(text) && parseDuration(text) > 0 && parseDuration(text) <= LONGEST_MS,
		"must be a duration such as 90s, 30m or 1h30m, at most 8760h",
	);
