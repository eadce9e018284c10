/**
 * What a response asks to wait, in milliseconds. `Retry-After` holds seconds or an HTTP date (RFC 9110, 10.2.3);
 * `retry-after-ms` is what OpenAI and Azure send beside it, more exactly.
 *
 * @param now Milliseconds since the epoch, to measure a date against.
 */
export function retryAfter(headers: Pick<Headers, "get"> | undefined, now: number): number | undefined {
	const exact = positive(Number(headers?.get("retry-after-ms") ?? Number.NaN));
	if (exact !== undefined) return exact;
	const value = headers?.get("retry-after")?.trim();
	if (!value) return undefined;
	const seconds = Number(value);
	return positive(Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000);
}

const positive = (ms: number) => (Number.isFinite(ms) && ms > 0 ? Math.ceil(ms) : undefined);
