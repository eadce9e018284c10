import { NONE } from "../columns.ts";

/** A cent has two digits; most runs cost less than one, so small sums show four. */
const SMALL = 1;

/** @example dollars(0.0123) // "$0.0123" */
export function dollars(usd: number | undefined): string {
	if (usd === undefined) return NONE;
	return `$${usd.toFixed(usd < SMALL ? 4 : 2)}`;
}
