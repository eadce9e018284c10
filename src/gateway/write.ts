import type { Context } from "hono";
import { patchMediaTypes } from "../api/openapi/patch-media-types.ts";
import type { ApiRequest, WriteOptions } from "../api/request.ts";
import { ApiError, failure } from "../api/status.ts";
import type { KindDefinition, Verb } from "../resources/kind.ts";
import { readBody, readPatch, requireBodyWithProblems } from "./body.ts";
import type { GatewayEnv } from "./context.ts";
import { deleteOptions } from "./options/delete-options.ts";
import { listOptions } from "./options/list-options.ts";
import { patchOptions, writeOptions } from "./options/write-options.ts";
import type { ResourcePath } from "./resource-path.ts";

/** What is particular to one verb. `Omit` of a union would lose what its members differ in. */
type Particular<Request> = Request extends unknown ? Omit<Request, "caller" | "resource" | "namespace"> : never;

export interface Write {
	request: Particular<ApiRequest>;
	/** What is to be warned about. */
	problems: readonly string[];
}

/** The write that a request asks for. @throws ApiError 400, 413, 415 or 422 */
export async function writeOf(
	c: Context<GatewayEnv>,
	kind: KindDefinition,
	verb: Exclude<Verb, "get" | "list" | "watch">,
	{ name }: ResourcePath,
): Promise<Write> {
	const query = new URL(c.req.url).searchParams;
	const userAgent = c.req.header("User-Agent");
	switch (verb) {
		case "create": {
			const write = writeOptions("CreateOptions", query, userAgent);
			const { value, problems } = await requireBodyWithProblems(c);
			return checked(kind, problems, write, { verb, ...(name !== undefined && { name }), body: value, write });
		}
		case "update": {
			const write = writeOptions("UpdateOptions", query, userAgent);
			const { value, problems } = await requireBodyWithProblems(c);
			return checked(kind, problems, write, { verb, name: name ?? "", body: value, write });
		}
		case "patch": {
			const { patch, value, problems } = await readPatch(c, patchMediaTypes(kind));
			const { write, force } = patchOptions(patch, query, userAgent);
			const request = { verb, name: name ?? "", patch, body: value, write, ...(force !== undefined && { force }) };
			return checked(kind, problems, write, request);
		}
		case "delete":
			return { request: { verb, name: name ?? "", delete: deleteOptions(query, await readBody(c)) }, problems: [] };
		case "deletecollection":
			return { request: { verb, list: listOptions(query), delete: deleteOptions(query, await readBody(c)) }, problems: [] };
	}
}

/** Fields that are there twice are warned about, or refused, as the request says. @throws ApiError 400 */
function checked(
	{ kind, version }: KindDefinition,
	problems: readonly string[],
	{ fieldValidation }: WriteOptions,
	request: Write["request"],
): Write {
	if (fieldValidation === "Strict" && problems.length > 0) {
		const message = `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${problems.join(", ")}`;
		throw new ApiError(failure("BadRequest", message));
	}
	return { request, problems: fieldValidation === "Ignore" ? [] : problems };
}
