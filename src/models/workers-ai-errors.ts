import { isRecord } from "./provider-message.ts";

/** Workers AI's own codes and the statuses they stand for (developers.cloudflare.com/workers-ai/platform/errors). */
const STATUS_OF_CODE: Record<string, number> = {
	3003: 400,
	3006: 413,
	3007: 408,
	3008: 408,
	3023: 403,
	3036: 429,
	3039: 400,
	3040: 429,
	3041: 403,
	3042: 404,
	5004: 400,
	5005: 405,
	5007: 404,
	5016: 403,
	5018: 403,
	5019: 405,
};

/**
 * The binding throws plain errors whose message begins with a code, such as `3040: Capacity temporarily exceeded`.
 * Given the status that the code stands for they are classified like any other; the rest stay as they are.
 */
export function withStatus(thrown: unknown): unknown {
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	const code = isRecord(thrown) && String(thrown.code) in STATUS_OF_CODE ? String(thrown.code) : undefined;
	const known = code ?? [...message.matchAll(/\b(\d{4}):/g)].map((match) => match[1] ?? "").find((found) => found in STATUS_OF_CODE);
	return known === undefined ? thrown : { status: STATUS_OF_CODE[known], error: { message } };
}
