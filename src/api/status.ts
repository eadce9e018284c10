/**
 * Kubernetes' `Status`, the body of every error (and of a deletion). Errors cross Durable Object RPC as plain data in an
 * {@link Answer}, because a class does not survive the way; inside the Worker they are thrown as an {@link ApiError}.
 */

/** One field that was wrong. `field` is its path, for example `spec.limits.iterations`. */
export interface Cause {
	reason: CauseReason;
	field: string;
	message: string;
}

export type CauseReason =
	| "FieldValueRequired"
	| "FieldValueInvalid"
	| "FieldValueTypeInvalid"
	| "FieldValueNotSupported"
	| "FieldValueForbidden"
	| "FieldValueTooLong"
	| "FieldValueNotFound"
	| "FieldManagerConflict"
	| "ResourceVersionTooLarge"
	| "NamespaceTerminating"
	/** A machine's credential is void, because its node was deleted. */
	| "NodeDeleted";

export interface StatusDetails {
	name?: string;
	group?: string;
	/** The plural, as in Kubernetes. */
	kind?: string;
	uid?: string;
	causes?: Cause[];
	retryAfterSeconds?: number;
}

export interface Status {
	kind: "Status";
	apiVersion: "v1";
	metadata: Record<string, never>;
	status: "Success" | "Failure";
	message?: string;
	reason?: StatusReason;
	details?: StatusDetails;
	code: number;
}

export type StatusReason =
	| "BadRequest"
	| "Unauthorized"
	| "Forbidden"
	| "NotFound"
	| "MethodNotAllowed"
	| "NotAcceptable"
	| "AlreadyExists"
	| "Conflict"
	| "Gone"
	| "Expired"
	| "RequestEntityTooLarge"
	| "UnsupportedMediaType"
	| "Invalid"
	| "TooManyRequests"
	| "InternalError"
	| "ServiceUnavailable"
	| "Timeout";

const CODE: Record<StatusReason, number> = {
	BadRequest: 400,
	Unauthorized: 401,
	Forbidden: 403,
	NotFound: 404,
	MethodNotAllowed: 405,
	NotAcceptable: 406,
	AlreadyExists: 409,
	Conflict: 409,
	Gone: 410,
	Expired: 410,
	RequestEntityTooLarge: 413,
	UnsupportedMediaType: 415,
	Invalid: 422,
	TooManyRequests: 429,
	InternalError: 500,
	ServiceUnavailable: 503,
	Timeout: 504,
};

/** What a message about an object needs to know of its kind. */
export interface KindName {
	group: string;
	kind: string;
	plural: string;
}

/** What an RPC method of a Durable Object answers: the value, or why not. */
export type Answer<T> = { ok: true; value: T } | { ok: false; status: Status };
export type Refusal = Extract<Answer<never>, { ok: false }>;

/** A failure on its way to the client. */
export class ApiError extends Error {
	override readonly name = "ApiError";
	readonly status: Status;

	constructor(status: Status) {
		super(status.message);
		this.status = status;
	}
}

/** The value of an answer. @throws ApiError */
export function unwrap<T>(answer: Answer<T>): T {
	if (!answer.ok) throw new ApiError(answer.status);
	return answer.value;
}

/** @example throw new ApiError(failure("BadRequest", "The body is empty. Send one JSON object.")) */
export function failure(reason: StatusReason, message: string, details?: StatusDetails): Status {
	return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code: CODE[reason] };
}

export function success(of: KindName, name: string, uid: string): Status {
	return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { name, uid, ...names(of) }, code: 200 };
}

export function notFound(of: KindName, name: string, more = ""): Status {
	return failure("NotFound", `${qualified(of)} "${name}" not found${more === "" ? "" : `: ${more}`}`, { name, ...names(of) });
}

export function alreadyExists(of: KindName, name: string): Status {
	return failure("AlreadyExists", `${qualified(of)} "${name}" already exists`, { name, ...names(of) });
}

export function conflict(of: KindName, name: string, why: string): Status {
	return failure("Conflict", `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`, { name, ...names(of) });
}

/** How many causes the message spells out; `details.causes` has all of them. */
const CAUSES_SPELLED = 10;

export function invalid(of: KindName, name: string, causes: Cause[]): Status {
	const spelled = causes.slice(0, CAUSES_SPELLED).map((cause) => (cause.field === "" ? cause.message : `${cause.field}: ${cause.message}`));
	if (causes.length > CAUSES_SPELLED) spelled.push(`and ${causes.length - CAUSES_SPELLED} more`);
	const list = spelled.length === 1 ? spelled[0] : `[${spelled.join(", ")}]`;
	const kind = of.group === "" ? of.kind : `${of.kind}.${of.group}`;
	return failure("Invalid", `${kind} "${name}" is invalid: ${list}`, { name, group: of.group, kind: of.kind, causes });
}

export function refuse(status: Status): Refusal {
	return { ok: false, status };
}

/** `agents.klaw.sh`; the core group has no suffix. */
function qualified({ plural, group }: KindName): string {
	return group === "" ? plural : `${plural}.${group}`;
}

function names({ group, plural }: KindName): StatusDetails {
	return { group, kind: plural };
}
