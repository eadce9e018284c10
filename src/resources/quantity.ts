/** Kubernetes quantities (`500m`, `2`, `128Mi`, `1G`) and Go durations (`90s`, `1h30m`). */
import * as z from "zod";

const SUFFIX: Record<string, number> = {
	m: 1e-3,
	"": 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
};
const QUANTITY = /^(\d{1,15}(?:\.\d{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/** @throws RangeError for text that is no quantity. */
export function parseQuantity(text: string): number {
	const match = QUANTITY.exec(text);
	if (!match) throw new RangeError(`"${text}" is not a quantity such as 500m, 2 or 128Mi`);
	return Number(match[1]) * (SUFFIX[match[2] ?? ""] ?? 1);
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
	.refine((text) => QUANTITY.test(text), "must be a quantity such as 500m, 2 or 128Mi");
export const duration = z
	.string()
	.refine(
		(text) => DURATION.test(text) && parseDuration(text) > 0 && parseDuration(text) <= LONGEST_MS,
		"must be a duration such as 90s, 30m or 1h30m, at most 8760h",
	);
