import { ApiError, type Cause, failure, invalid } from "../status.ts";

/** How a log is to be read: Kubernetes' `PodLogOptions`, as far as klaw has what they are about. */
export interface LogOptions {
	container?: string;
	/** Stay, and send what comes. */
	follow: boolean;
	/** Of an earlier container, of which a session has none. */
	previous: boolean;
	/** Begin each line with its time. */
	timestamps: boolean;
	/** Only this many lines from the end, and what comes. */
	tailLines?: number;
	/** Only what was written then or later, in milliseconds since the epoch. */
	since?: number;
	/** End after so many bytes. */
	limitBytes?: number;
}

/**
 * @param name of the pod, for the message
 * @param now in milliseconds since the epoch
 * @throws ApiError 400 or 422 in Kubernetes' words
 */
export function logOptions(query: Pick<URLSearchParams, "get">, name: string, now: number): LogOptions {
	const tailLines = integer(query, "tailLines");
	const limitBytes = integer(query, "limitBytes");
	const sinceSeconds = integer(query, "sinceSeconds");
	const sinceTime = time(query, "sinceTime");
	const causes: Cause[] = [];
	const atLeast = (field: string, value: number | undefined, least: 0 | 1) => {
		if (value === undefined || value >= least) return;
		const must = least === 0 ? "must be greater than or equal to 0" : "must be greater than 0";
		causes.push({ reason: "FieldValueInvalid", field, message: `Invalid value: ${value}: ${must}` });
	};
	atLeast("tailLines", tailLines, 0);
	atLeast("limitBytes", limitBytes, 1);
	if (sinceSeconds !== undefined && sinceTime !== undefined)
		causes.push({
			...{ reason: "FieldValueForbidden", field: "" },
			message: "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
		});
	else atLeast("sinceSeconds", sinceSeconds, 1);
	if (causes.length > 0) throw new ApiError(invalid({ group: "", kind: "PodLogOptions", plural: "podlogoptions" }, name, causes));
	return {
		container: query.get("container") || undefined,
		follow: flag(query, "follow"),
		previous: flag(query, "previous"),
		timestamps: flag(query, "timestamps"),
		tailLines,
		since: sinceSeconds === undefined ? sinceTime : now - sinceSeconds * 1000,
		limitBytes,
	};
}

/** As Kubernetes reads it: whatever is there and is neither `false` nor `0` is true. */
export function flag(query: Pick<URLSearchParams, "get">, name: string): boolean {
	const value = query.get(name);
	return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

function integer(query: Pick<URLSearchParams, "get">, name: string): number | undefined {
	const value = query.get(name) ?? "";
	if (value === "") return undefined;
	if (/^[+-]?\d{1,15}$/.test(value)) return Number(value);
	throw new ApiError(failure("BadRequest", `strconv.ParseInt: parsing ${quoted(value)}: invalid syntax`));
}

function time(query: Pick<URLSearchParams, "get">, name: string): number | undefined {
	const value = query.get(name) ?? "";
	if (value === "") return undefined;
	const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
	if (!Number.isNaN(ms)) return ms;
	throw new ApiError(
		failure("BadRequest", `parsing time ${quoted(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted(value)} as "2006"`),
	);
}

function quoted(text: string): string {
	return JSON.stringify(text.slice(0, 100));
}
