import { describe, expect, test } from "vitest";
import { mediaRanges, negotiate } from "./negotiate.ts";
import { ApiError } from "./status.ts";

const KUBECTL_GET = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

describe("a list is written", () => {
	test.each([
		[KUBECTL_GET, "Table"],
		["application/json; as=Table; g=meta.k8s.io; v=v1", "Table"],
		["application/json;as=Table;v=v1;g=meta.k8s.io;q=0.5,application/json", "Object"],
		["application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "Object"],
		[
			`application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${METADATA_LIST},application/json`,
			"PartialObjectMetadataList",
		],
		["application/vnd.kubernetes.protobuf,application/json", "Object"],
		["application/json, */*", "Object"],
		["text/html,application/xhtml+xml,*/*;q=0.8", "Object"],
		["application/json;stream=watch", "Object"],
		["*/*", "Object"],
		["", "Object"],
		[undefined, "Object"],
	])("for %j as %s", (accept, as) => {
		expect(negotiate(accept, "list")).toEqual({ as, mediaType: "application/json" });
	});
});

test("one object is written as its metadata, but never as a list of it", () => {
	expect(negotiate(METADATA, "one").as).toBe("PartialObjectMetadata");
	expect(negotiate(`${METADATA_LIST},application/json`, "one").as).toBe("Object");
	expect(negotiate(`${METADATA},application/json`, "list").as).toBe("Object");
});

test("YAML is written for those who prefer it", () => {
	expect(negotiate("application/yaml", "one")).toEqual({ as: "Object", mediaType: "application/yaml" });
	expect(negotiate("application/yaml;q=0.5,application/json", "one").mediaType).toBe("application/json");
});

test.each([
	"application/vnd.kubernetes.protobuf",
	"text/plain",
	"application/json;q=0",
	"application/json;as=Table;v=v1beta1;g=meta.k8s.io",
	METADATA_LIST,
	";",
])("%j alone is refused with 406 and what there is", (accept) => {
	const refused = (() => {
		try {
			return negotiate(accept, "one");
		} catch (error) {
			return error;
		}
	})();
	expect(refused).toBeInstanceOf(ApiError);
	expect(refused).toHaveProperty("status", {
		kind: "Status",
		apiVersion: "v1",
		metadata: {},
		status: "Failure",
		reason: "NotAcceptable",
		code: 406,
		message: "only the following media types are accepted: application/json, application/yaml",
	});
});

test("media ranges come best first, equal ones in their order", () => {
	const types = mediaRanges('a/1;q=0.2, B/2 ;V="x" , c/3;q=nonsense, d/4;q=0.2, e/5;q=7').map(({ type, parameters, quality }) => [
		type,
		parameters.get("v"),
		quality,
	]);
	expect(types).toEqual([
		["b/2", "x", 1],
		["e/5", undefined, 1],
		["a/1", undefined, 0.2],
		["d/4", undefined, 0.2],
	]);
});
