/** Kubernetes' error object. */
export interface Status {
	kind: "Status";
	status?: string;
	code?: number;
	reason?: string;
	message?: string;
	details?: {
		name?: string;
		group?: string;
		kind?: string;
		uid?: string;
		causes?: { reason?: string; field?: string; message?: string }[];
		retryAfterSeconds?: number;
	};
}

/** A failure told to the user as it is: one or more full sentences, never a stack. */
export class CliError extends Error {
	override readonly name: string = "CliError";
}

/** One that kubectl prints without the word `error`. */
export class PlainError extends CliError {
	override readonly name = "PlainError";
}

/** The server answered, and said no. */
export class ApiError extends CliError {
	override readonly name = "ApiError";
	readonly code: number;
	readonly reason: string;
	readonly status: Status;

	constructor(code: number, status: Status) {
		const reason = status.reason ?? "Unknown";
		super(`Error from server (${reason}): ${status.message ?? `The server answered with HTTP status ${code}.`}`);
		this.code = code;
		this.reason = reason;
		this.status = status;
	}
}

/** There was no answer, or only a part of one: whether the request took effect is unknown. */
export class ConnectionError extends CliError {
	override readonly name = "ConnectionError";
	/** Nobody listens there: the request has certainly not taken effect. */
	readonly refused: boolean;

	constructor(message: string, options: { refused?: boolean; cause?: unknown } = {}) {
		super(message, { cause: options.cause });
		this.refused = options.refused ?? false;
	}
}

/** True when the same request may well succeed later, without anybody changing it. */
export function isTransient(error: unknown): boolean {
	if (error instanceof ConnectionError) return true;
	return error instanceof ApiError && (error.code === 429 || error.code >= 500);
}

/** What to print of anything that was thrown. */
export function sentence(error: unknown): string {
	if (error instanceof ApiError && error.reason === "Invalid") return invalid(error.status);
	if (error instanceof ApiError || error instanceof ConnectionError || error instanceof PlainError) return error.message;
	return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** What is wrong with which fields, laid out as kubectl does it. */
function invalid({ message, details }: Status): string {
	const causes = [...new Set((details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`))];
	const named = details?.kind || details?.name;
	const what = named ? `The ${details?.kind ?? ""} "${details?.name ?? ""}" is invalid` : "The request is invalid";
	if (causes.length === 0) return named || !message ? what : `${what}: ${message}`;
	return causes.length === 1 ? `${what}: ${causes[0]}` : `${what}: \n${causes.map((cause) => `* ${cause}`).join("\n")}`;
}
