import { InvalidArgumentError } from "commander";
import { parseDuration } from "../resources/quantity.ts";

/** A timer of JavaScript can be no longer: 24 days, 20 hours and some. */
const LONGEST_MS = 2 ** 31 - 1;

/** For commander: `300s`, `1h30m` or plain seconds, as milliseconds. */
export const durationOption = durationUpTo(LONGEST_MS, "24 days");

/**
 * The same for what may not last as long.
 *
 * @param most in words
 * @example durationUpTo(86_400_000, "24h")
 */
export function durationUpTo(mostMs: number, most: string): (text: string) => number {
	return (text) => {
		try {
			const ms = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
			if (ms > 0 && ms <= mostMs) return ms;
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
		}
		throw new InvalidArgumentError(`It must be a duration such as 90s, 30m or 1h30m, at most ${most}.`);
	};
}
