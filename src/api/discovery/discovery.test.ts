import { describe, expect, test } from "vitest";
import { configMapKind, namespaceKind, reviewKind, widgetKind } from "../../../test/fakes/kinds.ts";
import { ApiError } from "../status.ts";
import { discovery } from "./discovery.ts";

const kinds = [widgetKind, configMapKind, reviewKind, namespaceKind];
const KUBECTL =
	"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
const EVERY_VERB = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

function ask(path: string, accept?: string) {
	return discovery(kinds, { path, accept, serverAddress: "klaw.example.com" });
}

function page(path: string, accept?: string) {
	const document = ask(path, accept);
	return document && JSON.parse(document.text);
}

function refusal(path: string, accept?: string) {
	try {
		return ask(path, accept);
	} catch (error) {
		if (error instanceof ApiError) return error.status;
		throw error;
	}
}

test("/api names the versions of the core group and where the server is", () => {
	expect(page("/api")).toEqual({
		kind: "APIVersions",
		versions: ["v1"],
		serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "klaw.example.com" }],
	});
});

test("/apis names the other groups in the order of the kinds", () => {
	const example = { groupVersion: "example.com/v1", version: "v1" };
	const list = page("/apis");
	expect(list).toMatchObject({ kind: "APIGroupList", apiVersion: "v1" });
	expect(list.groups.map(({ name }: { name: string }) => name)).toEqual(["example.com", "authorization.k8s.io"]);
	expect(list.groups[0]).toEqual({ name: "example.com", versions: [example], preferredVersion: example });
	expect(page("/apis/example.com")).toEqual({ kind: "APIGroup", apiVersion: "v1", ...list.groups[0] });
});

test("a version lists its resources with their subresources and the kinds that those take", () => {
	expect(page("/apis/example.com/v1")).toEqual({
		kind: "APIResourceList",
		apiVersion: "v1",
		groupVersion: "example.com/v1",
		resources: [
			{
				name: "widgets",
				singularName: "widget",
				namespaced: true,
				kind: "Widget",
				verbs: EVERY_VERB,
				shortNames: ["wg"],
				categories: ["all"],
			},
			{ name: "widgets/status", singularName: "", namespaced: true, kind: "Widget", verbs: ["get", "patch", "update"] },
			{
				name: "widgets/check",
				singularName: "",
				namespaced: true,
				group: "authentication.k8s.io",
				version: "v1",
				kind: "TokenRequest",
				verbs: ["create"],
			},
		],
	});
});

test("the core group is listed below /api, by plural", () => {
	const { groupVersion, resources } = page("/api/v1");
	expect(groupVersion).toBe("v1");
	expect(resources.map(({ name }: { name: string }) => name)).toEqual(["configmaps", "namespaces"]);
	expect(resources[1]).toMatchObject({ namespaced: false });
});

test("a kind that is only asked is listed with its one verb", () => {
	expect(page("/apis/authorization.k8s.io/v1").resources).toEqual([
		{
			name: "selfsubjectaccessreviews",
			singularName: "selfsubjectaccessreview",
			namespaced: false,
			kind: "SelfSubjectAccessReview",
			verbs: ["create"],
		},
	]);
});

describe("aggregated discovery", () => {
	test("tells everything of the groups at once, in the version that the client likes best", () => {
		const document = ask("/apis", KUBECTL);
		expect(document?.contentType).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
		const list = JSON.parse(document?.text ?? "");
		expect(list).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
		expect(list.items[0]).toEqual({
			metadata: { name: "example.com", creationTimestamp: null },
			versions: [
				{
					version: "v1",
					freshness: "Current",
					resources: [
						{
							resource: "widgets",
							responseKind: { group: "example.com", version: "v1", kind: "Widget" },
							scope: "Namespaced",
							singularResource: "widget",
							verbs: EVERY_VERB,
							shortNames: ["wg"],
							categories: ["all"],
							subresources: [
								{
									subresource: "status",
									responseKind: { group: "example.com", version: "v1", kind: "Widget" },
									verbs: ["get", "patch", "update"],
								},
								{
									subresource: "check",
									responseKind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
									verbs: ["create"],
								},
							],
						},
					],
				},
			],
		});
	});

	test("of the core group is below /api and has no name", () => {
		const { items } = page("/api", KUBECTL);
		expect(items).toHaveLength(1);
		expect(items[0].metadata).not.toHaveProperty("name");
		expect(items[0].versions[0].resources.map(({ resource }: { resource: string }) => resource)).toEqual(["configmaps", "namespaces"]);
	});

	test("is had as v2beta1 by clients of before", () => {
		const document = ask("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json");
		expect(document?.contentType).toBe("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");
		expect(JSON.parse(document?.text ?? "").apiVersion).toBe("apidiscovery.k8s.io/v2beta1");
	});

	test.each([
		undefined,
		"application/json",
		"application/json, */*",
		"application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json",
	])("is not what %j asks for", (accept) => {
		expect(ask("/apis", accept)).toMatchObject({ contentType: "application/json" });
		expect(page("/apis", accept).kind).toBe("APIGroupList");
	});
});

test("a kind without verbs makes its group known and is no resource of it", () => {
	const bodies = [configMapKind, { ...reviewKind, group: "policy", kind: "Eviction", plural: "evictions", verbs: [] }];
	const of = (path: string, accept?: string) => discovery(bodies, { path, accept, serverAddress: "" })?.text ?? "";
	// kubectl drain evicts only where there is a group `policy`.
	expect(JSON.parse(of("/apis")).groups).toMatchObject([{ name: "policy" }]);
	expect(JSON.parse(of("/apis/policy/v1")).resources).toEqual([]);
	expect(JSON.parse(of("/apis", KUBECTL)).items).toMatchObject([
		{ metadata: { name: "policy" }, versions: [{ version: "v1", resources: [] }] },
	]);
});

test("a cluster without a kind does not mention it", () => {
	const fewer = discovery([configMapKind], { path: "/api/v1", accept: undefined, serverAddress: "" });
	expect(fewer?.text).not.toContain("namespaces");
});

test("pages that tell the same have the same hash", () => {
	expect(ask("/api/v1")?.hash).toBe(ask("/api/v1/")?.hash);
	expect(ask("/api/v1")?.hash).not.toBe(ask("/apis/example.com/v1")?.hash);
});

test.each(["/api/v2", "/apis/example.org", "/apis/example.com/v2", "/apis//v1"])("%s leads nowhere", (path) => {
	expect(refusal(path)).toMatchObject({ reason: "NotFound", code: 404, message: "the server could not find the requested resource" });
});

test.each(["/", "/version", "/api/v1/configmaps", "/apis/example.com/v1/widgets"])("%s is no page of discovery", (path) => {
	expect(ask(path)).toBeUndefined();
});

test.each(["/api", "/apis", "/apis/example.com", "/api/v1"])("%s is not to be had as protobuf alone", (path) => {
	expect(refusal(path, "application/vnd.kubernetes.protobuf")).toMatchObject({ reason: "NotAcceptable", code: 406 });
});
