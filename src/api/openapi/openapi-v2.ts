import { mediaRanges, notAcceptable } from "../negotiate.ts";
import { ApiError } from "../status.ts";

/** What kubectl names in `Accept`, with `@` where the answer has a dot. */
const PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
const JSON_RANGES = new Set(["application/json", "application/*", "*/*"]);

/** The field `swagger` (1, a string): "2.0". */
const EMPTY_PROTOBUF = new Uint8Array([0x0a, 0x03, 0x32, 0x2e, 0x30]);
const EMPTY_JSON = JSON.stringify({ swagger: "2.0", info: { title: "klaw", version: "unversioned" }, paths: {}, definitions: {} });

/**
 * An OpenAPI v2 document that describes nothing; everything is in `/openapi/v3`. kubectl asks for it about a kind that v3
 * does not know, and takes an empty one for "nothing to validate": it goes on to say that there is no such kind. Without
 * it, it says that it could not download a schema.
 *
 * @throws ApiError 406 for a client that takes neither JSON nor protobuf
 */
export function openApiV2(accept: string | undefined): Response {
	for (const { type } of mediaRanges(accept)) {
		if (JSON_RANGES.has(type)) return new Response(EMPTY_JSON, { headers: { "Content-Type": "application/json" } });
		if (type.replace("@", ".") === PROTOBUF) return new Response(EMPTY_PROTOBUF, { headers: { "Content-Type": PROTOBUF } });
	}
	throw new ApiError(notAcceptable(["application/json", PROTOBUF]));
}
