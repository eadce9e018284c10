import { InvalidArgumentError } from "commander";
import { parseDuration } from "../resources/quantity.ts";

/** For commander: `300s`, `1h30m` or plain seconds, as milliseconds. */
export function durationOption(text: string): number {
	try {
		const ms = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
		// Longer than a timer of JavaScript can be.
		if (ms > 0 && ms < 2 ** 31) return ms;
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
	}
	throw new InvalidArgumentError("It must be a duration such as 90s, 30m or 1h30m, at most 24 days.");
}
