import type { ApiClient } from "../api-client.ts";
import { type ApiResource, resourcePath } from "../api-resource.ts";
import { ApiError, type Status } from "../errors.ts";
import { queryOf } from "./list.ts";

export interface WatchEvent<T> {
	type: "ADDED" | "MODIFIED" | "DELETED";
	object: T;
}

type Frame<T> = WatchEvent<T> | { type: "BOOKMARK"; object: unknown } | { type: "ERROR"; object: Status };

export interface WatchQuery {
	labelSelector?: string | undefined;
	fieldSelector?: string | undefined;
	/** Only what changed after it; `0`: what is there first. */
	resourceVersion?: string | undefined;
	includeObject?: "Object" | undefined;
}

/**
 * The changes of a resource's objects, until the server ends the watch or `signal` is aborted.
 *
 * @param headers `AS_TABLE` for tables
 * @throws ApiError when the server ends it with an error, such as 410 for a resource version that is too old
 */
export async function* watch<T>(
	client: ApiClient,
	resource: ApiResource,
	namespace: string | undefined,
	query: WatchQuery,
	{ headers, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): AsyncGenerator<WatchEvent<T>, void, undefined> {
	const path = `${resourcePath(resource, namespace)}?${queryOf({ ...query, watch: "true" })}`;
	for await (const line of lines(client.bytes(path, { ...(headers && { headers }), signal }))) {
		const frame = JSON.parse(line) as Frame<T>;
		if (frame.type === "ERROR") throw new ApiError(frame.object.code ?? 500, frame.object);
		if (frame.type !== "BOOKMARK") yield frame;
	}
}

/** Lines of text in whatever pieces it comes; a line that the end cuts off is dropped. */
async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
	const decoder = new TextDecoder();
	let begun = "";
	for await (const chunk of chunks) {
		const [first = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
		begun += first;
		for (const next of more) {
			if (begun.trim() !== "") yield begun;
			begun = next;
		}
	}
}
