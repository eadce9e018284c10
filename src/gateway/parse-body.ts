import { checkNesting } from "../api/patch/nesting.ts";
import { ApiError, failure } from "../api/status.ts";
import { duplicateFields } from "./duplicate-fields.ts";

/** A request's body as data. */
export interface Body {
	value: unknown;
	/** What stands in it that a lenient reader passes over, in Kubernetes' words: fields that are there twice. */
	problems: string[];
}

export type BodyFormat = "JSON" | "YAML";

/** @throws ApiError 400 for text that is not of its format, or is nested more deeply than a call to an object can carry */
export function parseBody(format: BodyFormat, bytes: ArrayBuffer): Body | Promise<Body> {
	return format === "JSON" ? parseJson(utf8(bytes)) : parseYaml(utf8(bytes));
}

function utf8(bytes: ArrayBuffer): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
	} catch {
		throw new ApiError(failure("BadRequest", "The body is not UTF-8. Send it in that encoding."));
	}
}

function parseJson(text: string): Body {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw malformed("JSON", error);
	}
	checkNesting(value);
	return { value, problems: duplicateFields(text).map((field) => `duplicate field "${field}"`) };
}

async function parseYaml(text: string): Promise<Body> {
	// kubectl and client-go apply JSON, which is YAML too, and read a hundred times as fast.
	if (/^\s*\{/.test(text) && isJson(text)) return parseJson(text);
	// Loaded when first needed: most clients send JSON, and every start of the Worker would pay for it.
	const { readYaml } = await import("./yaml-body.ts");
	let body: Body;
	try {
		body = readYaml(text);
	} catch (error) {
		// Also aliases that would unfold to more than anyone sends.
		throw error instanceof ApiError ? error : malformed("YAML", error);
	}
	checkNesting(body.value);
	return body;
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

function malformed(format: BodyFormat, error: unknown): ApiError {
	const why = error instanceof Error ? error.message : String(error);
	return new ApiError(failure("BadRequest", `The body is not valid ${format}: ${why}`));
}
