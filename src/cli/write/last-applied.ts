import { formatJson } from "../output/json.ts";
import { isMap, type JsonMap } from "./merge-patch.ts";

/** Where `apply` keeps what it was last given. It is kubectl's, so that both may be used on the same objects. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** The object with a note of itself, byte for byte as kubectl writes it. */
export function withLastApplied<T extends JsonMap & { metadata: JsonMap }>(object: T) {
	const bare = withoutLastApplied(object);
	const annotations = { ...bare.metadata.annotations, [LAST_APPLIED]: `${formatJson(bare, { indent: 0 })}\n` };
	return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The object without the note, as it stands in the note: with annotations, be there any or not. */
export function withoutLastApplied<T extends JsonMap & { metadata: JsonMap }>(object: T) {
	const { [LAST_APPLIED]: _, ...annotations } = isMap(object.metadata.annotations) ? object.metadata.annotations : {};
	return { ...object, metadata: { ...object.metadata, annotations } };
}

/** What was last applied; `undefined` when nothing was, or the note cannot be read. */
export function lastApplied(live: JsonMap): JsonMap | undefined {
	const metadata = isMap(live.metadata) ? live.metadata : {};
	const note = isMap(metadata.annotations) ? metadata.annotations[LAST_APPLIED] : undefined;
	if (typeof note !== "string") return undefined;
	try {
		const parsed: unknown = JSON.parse(note);
		return isMap(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}
