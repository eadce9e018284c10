/** Kubernetes' error object. */
export interface Status {
	kind: "Status";
	status?: string;
	code?: number;
	reason?: string;
	message?: string;
	details?: { causes?: { field?: string; message?: string }[] };
}

/** A failure told to the user as it is: one or more full sentences, never a stack. */
export class CliError extends Error {
	override readonly name: string = "CliError";
}

/** The server answered, and said no. */
export class ApiError extends CliError {
	override readonly name = "ApiError";
	readonly code: number;
	readonly reason: string;

	constructor(code: number, status: Status) {
		const reason = status.reason ?? "Unknown";
		super(`Error from server (${reason}): ${status.message ?? `The server answered with HTTP status ${code}.`}`);
		this.code = code;
		this.reason = reason;
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
	if (error instanceof ApiError || error instanceof ConnectionError) return error.message;
	return `error: ${error instanceof Error ? error.message : String(error)}`;
}
