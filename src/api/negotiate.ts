import { ApiError, failure } from "./status.ts";

/** How an answer is written. */
export interface Representation {
	as: "Object" | "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
	mediaType: "application/json" | "application/yaml";
}

/** One media range of an `Accept` header, its type and parameter names in lower case. */
export interface MediaRange {
	type: string;
	parameters: ReadonlyMap<string, string>;
	/** 0 to 1. */
	quality: number;
}

const JSON_RANGES = new Set(["application/json", "application/*", "*/*"]);

/**
 * The first of what a client accepts that the server can write. Watches are `one`: their events are single objects.
 * @throws ApiError 406 when there is none
 */
export function negotiate(accept: string | undefined, of: "one" | "list"): Representation {
	const ranges = mediaRanges(accept);
	for (const { type, parameters } of ranges) {
		const mediaType = JSON_RANGES.has(type) ? "application/json" : type === "application/yaml" ? type : undefined;
		const as = representation(parameters, of);
		if (mediaType && as) return { as, mediaType };
	}
	throw new ApiError(notAcceptable(["application/json", "application/yaml"]));
}

/** `undefined` for what the server cannot make of the object, such as the metadata list of a single one. */
function representation(parameters: MediaRange["parameters"], of: "one" | "list"): Representation["as"] | undefined {
	const as = parameters.get("as");
	if (as === undefined) return "Object";
	if (parameters.get("g") !== "meta.k8s.io" || parameters.get("v") !== "v1") return undefined;
	if (as === "Table") return as;
	if (as === "PartialObjectMetadata" && of === "one") return as;
	if (as === "PartialObjectMetadataList" && of === "list") return as;
	return undefined;
}

/** What a client accepts, best first; those of equal quality in their order. No header: everything. */
export function mediaRanges(accept: string | undefined): MediaRange[] {
	const text = accept?.trim() || "*/*";
	return text
		.split(",")
		.map(mediaRange)
		.filter(({ type, quality }) => type !== "" && quality > 0)
		.sort((a, b) => b.quality - a.quality);
}

function mediaRange(text: string): MediaRange {
	const [type = "", ...rest] = text.split(";").map((part) => part.trim());
	const parameters = new Map<string, string>();
	for (const part of rest) {
		const [name = "", value = ""] = part.split("=", 2);
		parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1"));
	}
	const quality = Number(parameters.get("q") ?? 1);
	return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : Math.min(quality, 1) };
}

/** Kubernetes' words for a client that wants what is not to be had. */
export function notAcceptable(served: readonly string[]) {
	return failure("NotAcceptable", `only the following media types are accepted: ${served.join(", ")}`);
}
