import * as z from "zod";

/** A map of texts, as it stands in objects of core kinds. */
export const textMap = z.record(z.string(), z.string()).nullish();
export const textList = z.array(z.string()).nullish();

/** A date as kubectl's descriptions write it, in the local time: `Fri, 20 Nov 2026 08:00:00 +0000`. */
export function longDate(timestamp: string): string {
	const date = new Date(timestamp);
	if (Number.isNaN(date.getTime())) return timestamp;
	const ahead = -date.getTimezoneOffset();
	const shifted = new Date(date.getTime() + ahead * 60_000);
	const two = (value: number) => String(value).padStart(2, "0");
	const zone = `${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}${two(Math.abs(ahead) % 60)}`;
	return shifted.toUTCString().replace("GMT", zone);
}
