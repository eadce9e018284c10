import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ApiError, failure } from "../api/status.ts";
import { TOO_LONG_ADVICE } from "../resources/text.ts";

/** Bytes of a request body, as Kubernetes has it. */
export const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

/** What is read of a body that is refused, so that its sender gets to see the answer. */
const DRAIN_BYTES = 32 * 1024 * 1024;

/** Refuses bodies that are too large before anything keeps them. */
export const limitBody = bodyLimit({
	maxSize: BODY_LIMIT_BYTES,
	onError: async (c) => {
		await drain(c.req.raw.body);
		throw new ApiError(failure("RequestEntityTooLarge", `The request's body is larger than ${BODY_LIMIT_BYTES} bytes. ${TOO_LONG_ADVICE}`));
	},
});

/** A client that is still sending when the connection closes sees a reset instead of the answer. */
async function drain(body: ReadableStream<Uint8Array> | null): Promise<void> {
	if (!body || body.locked) return;
	const reader = body.getReader();
	for (let read = 0; read < DRAIN_BYTES; ) {
		const { done, value } = await reader.read();
		if (done) return;
		read += value.byteLength;
	}
	await reader.cancel();
}

const YAML_TYPES = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"];

/**
 * The request's body as data; `undefined` when there is none.
 * @throws ApiError 400 for text that is not what its media type says, 415 for other media types
 */
export async function readBody(c: Context): Promise<unknown> {
	const bytes = await c.req.arrayBuffer();
	if (bytes.byteLength === 0) return undefined;
	const type = (c.req.header("Content-Type") ?? "application/json").split(";", 1)[0]?.trim().toLowerCase() ?? "";
	if (type === "application/json") return parseJson(utf8(bytes));
	if (YAML_TYPES.includes(type)) return parseYaml(utf8(bytes));
	const message = `The body's media type is ${type}. Send application/json or application/yaml, and say so in the header Content-Type.`;
	throw new ApiError(failure("UnsupportedMediaType", message));
}

/** @throws ApiError 400 when there is no body */
export async function requireBody(c: Context): Promise<unknown> {
	const body = await readBody(c);
	if (body === undefined) throw new ApiError(failure("BadRequest", "The request has no body. Send one JSON or YAML object."));
	return body;
}

function utf8(bytes: ArrayBuffer): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
	} catch {
		throw new ApiError(failure("BadRequest", "The body is not UTF-8. Send it in that encoding."));
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw malformed("JSON", error);
	}
}

async function parseYaml(text: string): Promise<unknown> {
	// Loaded when first needed: most clients send JSON, and every start of the Worker would pay for it.
	const { parse } = await import("yaml");
	try {
		return parse(text);
	} catch (error) {
		throw malformed("YAML", error);
	}
}

function malformed(format: string, error: unknown): ApiError {
	const why = error instanceof Error ? error.message : String(error);
	return new ApiError(failure("BadRequest", `The body is not valid ${format}: ${why}`));
}
