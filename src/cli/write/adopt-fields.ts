import * as z from "zod";
import { isMap, type JsonMap } from "./merge-patch.ts";
import type { ServerObject } from "./resource-client.ts";

/** Under these names `apply` without --server-side writes. */
export const CLIENT_SIDE_MANAGERS: readonly string[] = ["klaw-client-side-apply", "kubectl-client-side-apply"];

const entrySchema = z.looseObject({
	manager: z.string(),
	operation: z.string(),
	subresource: z.string().optional(),
	fieldsV1: z.looseObject({}),
});

/**
 * The JSON Patch that makes the fields which were applied by the client those of the server-side manager, or `undefined`
 * when there are none. Otherwise a field that is taken out of the file would stay, as its old owner's.
 */
export function adoptClientSideFields({ metadata }: ServerObject, manager: string): object[] | undefined {
	const entries = z.array(entrySchema).safeParse(metadata.managedFields);
	if (!entries.success) return undefined;
	const isClientSide = (entry: z.infer<typeof entrySchema>) =>
		CLIENT_SIDE_MANAGERS.includes(entry.manager) && entry.operation === "Update" && !entry.subresource;
	const old = entries.data.filter(isClientSide);
	const own = entries.data.find((entry) => entry.manager === manager && entry.operation === "Apply" && !entry.subresource);
	if (old.length === 0 || !own) return undefined;
	const fieldsV1 = old.reduce<JsonMap>((all, entry) => union(all, entry.fieldsV1), own.fieldsV1);
	const value = entries.data.filter((entry) => !isClientSide(entry)).map((entry) => (entry === own ? { ...own, fieldsV1 } : entry));
	return [
		{ op: "replace", path: "/metadata/managedFields", value },
		// Refused when the books have changed meanwhile.
		{ op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
	];
}

/** The fields of both sets. */
function union(a: JsonMap, b: JsonMap): JsonMap {
	const both: JsonMap = { ...a };
	for (const [element, inner] of Object.entries(b)) {
		const known = both[element];
		both[element] = isMap(known) && isMap(inner) ? union(known, inner) : inner;
	}
	return both;
}
