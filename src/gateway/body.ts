import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { checkNesting } from "../api/patch/nesting.ts";
import { decodeObject, PROTOBUF } from "../api/protobuf/decode-object.ts";
import type { PatchType } from "../api/request.ts";
import { ApiError, failure } from "../api/status.ts";
import { TOO_LONG_ADVICE } from "../resources/text.ts";
import { type Body, type BodyFormat, parseBody } from "./parse-body.ts";

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

const FORMATS: Readonly<Record<string, BodyFormat>> = {
	"application/json": "JSON",
	"application/yaml": "YAML",
	"application/x-yaml": "YAML",
	"text/yaml": "YAML",
	"text/x-yaml": "YAML",
};

/**
 * The request's body, `undefined` when there is none.
 * @throws ApiError 400 for text that is not what its media type says, 415 for other media types
 */
export async function readBodyWithProblems(c: Context): Promise<Body | undefined> {
	const bytes = await c.req.arrayBuffer();
	if (bytes.byteLength === 0) return undefined;
	const type = mediaType(c);
	// kubectl from 1.32 on sends the kinds that it has compiled in like this, and tries nothing else when it is refused.
	if (type === PROTOBUF) {
		const value = decodeObject(new Uint8Array(bytes));
		// Some of its fields are JSON, of any depth.
		checkNesting(value);
		return { value, problems: [] };
	}
	const format = type === "" ? "JSON" : Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
	if (format) return parseBody(format, bytes);
	throw unknownFormat(["application/json", "application/yaml", PROTOBUF]);
}

/** The request's body as data; `undefined` when there is none. @throws ApiError as {@link readBodyWithProblems} */
export async function readBody(c: Context): Promise<unknown> {
	return (await readBodyWithProblems(c))?.value;
}

/** @throws ApiError 400 when there is no body, and as {@link readBodyWithProblems} */
export async function requireBodyWithProblems(c: Context): Promise<Body> {
	const body = await readBodyWithProblems(c);
	if (!body) throw noBody("one JSON or YAML object");
	return body;
}

/** @throws ApiError as {@link requireBodyWithProblems} */
export async function requireBody(c: Context): Promise<unknown> {
	return (await requireBodyWithProblems(c)).value;
}

/** A patch, which kind is said by its media type. `accepted` has those that the resource takes. @throws ApiError 400 or 415 */
export async function readPatch(c: Context, accepted: Readonly<Record<string, PatchType>>): Promise<Body & { patch: PatchType }> {
	const type = mediaType(c);
	const patch = Object.hasOwn(accepted, type) ? accepted[type] : undefined;
	if (!patch) throw unknownFormat(Object.keys(accepted));
	const bytes = await c.req.arrayBuffer();
	if (bytes.byteLength === 0) throw noBody("the patch");
	return { patch, ...(await parseBody(patch === "apply" ? "YAML" : "JSON", bytes)) };
}

function mediaType(c: Context): string {
	return (c.req.header("Content-Type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function noBody(what: string): ApiError {
	return new ApiError(failure("BadRequest", `The request has no body. Send ${what}.`));
}

function unknownFormat(accepted: readonly string[]): ApiError {
	const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
	return new ApiError(failure("UnsupportedMediaType", message));
}
