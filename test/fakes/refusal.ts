import { expect } from "vitest";

/** A `Status` that a request is refused with, as far as a test looks at it. */
export interface Refusal {
	code: number;
	reason: string;
	/** Part of the message. */
	message: string;
	/** `reason field` of each cause, in order. */
	causes?: readonly string[];
}

interface Answer {
	code: number;
	body: { message?: string; details?: { causes?: { reason: string; field: string }[] } };
}

export function expectRefusal(answer: Answer, { message, causes, ...rest }: Refusal): void {
	const { code, body } = answer;
	expect(body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", ...rest });
	expect(code).toBe(rest.code);
	expect(body.message).toContain(message);
	if (causes) expect(body.details?.causes?.map(({ reason, field }) => `${reason} ${field}`)).toEqual(causes);
}

export const bad = (message: string): Refusal => ({ code: 400, reason: "BadRequest", message });
export const conflict = (message: string): Refusal => ({ code: 409, reason: "Conflict", message });

/** A cause that is a field alone has the reason FieldValueInvalid. */
export function invalid(message: string, ...causes: string[]): Refusal {
	const named = causes.map((cause) => (cause.includes(" ") ? cause : `FieldValueInvalid ${cause}`));
	return { code: 422, reason: "Invalid", message, ...(named.length > 0 && { causes: named }) };
}
