import { expect, test } from "vitest";
import type { ApiRequest, WatchRequest } from "../request.ts";
import { attributesOf } from "./attributes.ts";

const caller = { user: "jane", groups: [] };
const agents = { group: "klaw.sh", version: "v1", plural: "agents" };
const namespaces = { group: "", version: "v1", plural: "namespaces" };
const write = { dryRun: false, fieldManager: "kubectl", fieldValidation: "Warn" as const };

test.each<[string, ApiRequest, object]>([
	[
		"an object",
		{ caller, resource: agents, namespace: "a", verb: "get", name: "x" },
		{ verb: "get", resource: "agents", namespace: "a", name: "x" },
	],
	["a list", { caller, resource: agents, namespace: "a", verb: "list", list: {} }, { verb: "list", resource: "agents", name: "" }],
	[
		"a list of one name",
		{ caller, resource: agents, namespace: "a", verb: "list", list: { fieldSelector: "metadata.name=x" } },
		{ verb: "list", name: "x" },
	],
	[
		"a deletion of many, whose selector names nothing as in Kubernetes",
		{
			caller,
			resource: agents,
			namespace: "a",
			verb: "deletecollection",
			list: { fieldSelector: "metadata.name=x" },
			delete: { dryRun: false },
		},
		{ verb: "deletecollection", name: "" },
	],
	["a creation", { caller, resource: agents, namespace: "a", verb: "create", body: {}, write }, { verb: "create", name: "" }],
	[
		"a subresource",
		{
			caller,
			resource: { group: "", version: "v1", plural: "serviceaccounts", subresource: "token" },
			namespace: "a",
			verb: "create",
			name: "bot",
			body: {},
			write,
		},
		{ resource: "serviceaccounts/token", name: "bot" },
	],
	["a namespace", { caller, resource: namespaces, verb: "get", name: "a" }, { resource: "namespaces", namespace: "a", name: "a" }],
	[
		"all namespaces",
		{ caller, resource: namespaces, verb: "list", list: { fieldSelector: "metadata.name=a" } },
		{ namespace: "", name: "a" },
	],
])("RBAC sees %s", (_, request, attributes) => {
	expect(attributesOf(request)).toMatchObject(attributes);
});

test("RBAC sees a watch of one name", () => {
	const request: WatchRequest = {
		caller,
		resource: agents,
		namespace: "a",
		watch: { fieldSelector: "metadata.name=x", allowWatchBookmarks: false, sendInitialEvents: false },
		as: "Object",
		includeObject: "None",
	};
	expect(attributesOf(request)).toEqual({ verb: "watch", group: "klaw.sh", resource: "agents", namespace: "a", name: "x" });
});
