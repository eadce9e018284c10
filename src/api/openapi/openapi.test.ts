import { describe, expect, test } from "vitest";
import * as z from "zod";
import { configMapKind, namespaceKind, reviewKind, widgetKind } from "../../../test/fakes/kinds.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import { quantity } from "../../resources/quantity.ts";
import { ALL_KINDS } from "../../resources/registry.ts";
import { ApiError } from "../status.ts";
import { type OpenApiRequest, openApi } from "./openapi.ts";

const kinds = [widgetKind, configMapKind, namespaceKind, reviewKind];

function ask(path: string, more: Partial<OpenApiRequest> = {}, of: readonly KindDefinition[] = kinds) {
	return openApi(of, { path, accept: "application/json", prefix: "", ...more });
}

function read(path: string, of: readonly KindDefinition[] = kinds) {
	const reply = ask(path, {}, of);
	if (!reply || "moved" in reply) throw new Error(`no document at ${path}`);
	return JSON.parse(reply.text);
}

/** Path and hash of a document as the index has them. */
function located(name: string, prefix = ""): { path: string; hash: string } {
	const reply = ask("/openapi/v3", { prefix });
	const url: string = reply && "text" in reply ? JSON.parse(reply.text).paths[name].serverRelativeURL : "";
	const [path = "", hash = ""] = url.split("?hash=");
	return { path, hash };
}

function refusal(path: string, more: Partial<OpenApiRequest> = {}) {
	try {
		return ask(path, more);
	} catch (error) {
		if (error instanceof ApiError) return error.status;
		throw error;
	}
}

describe("the index", () => {
	test("has a document for each version of each group", () => {
		expect(Object.keys(read("/openapi/v3").paths)).toEqual(["api/v1", "apis/example.com/v1", "apis/authorization.k8s.io/v1"]);
	});

	test("says where each is, below the root of the cluster", () => {
		expect(located("api/v1").path).toBe("/openapi/v3/api/v1");
		expect(located("api/v1", "/clusters/blue").path).toBe("/clusters/blue/openapi/v3/api/v1");
	});

	test("has another hash for what has changed, and for nothing else", () => {
		const changed = [{ ...widgetKind, description: "A Widget is something else." }, configMapKind, namespaceKind, reviewKind];
		const before = read("/openapi/v3").paths;
		const after = read("/openapi/v3", changed).paths;
		expect(after["apis/example.com/v1"]).not.toEqual(before["apis/example.com/v1"]);
		expect(after["api/v1"]).toEqual(before["api/v1"]);
	});
});

describe("a document", () => {
	test("asked for by its hash never changes", () => {
		const { path, hash } = located("apis/example.com/v1");
		expect(ask(path, { hash })).toMatchObject({ immutable: true, hash });
		expect(ask(path)).not.toHaveProperty("immutable");
	});

	test("asked for by an old hash is elsewhere", () => {
		const { path, hash } = located("apis/example.com/v1");
		expect(ask(path, { hash: "0" })).toEqual({ moved: `${path}?hash=${hash}` });
		expect(ask(path, { hash: "0", prefix: "/clusters/blue" })).toEqual({ moved: `/clusters/blue${path}?hash=${hash}` });
	});

	test.each(Object.keys(read("/openapi/v3", ALL_KINDS).paths))("of klaw's own, %s, names no schema that it does not have", (name) => {
		const text = JSON.stringify(read(`/openapi/v3/${name}`, ALL_KINDS));
		const { schemas } = JSON.parse(text).components;
		const named = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = ""]) => name);
		expect(named.filter((name) => !(name in schemas))).toEqual([]);
		expect(named).not.toEqual([]);
	});

	test("gives no operation the id of another", () => {
		const ids = [...JSON.stringify(read("/openapi/v3/apis/example.com/v1")).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
		expect(ids).toContain("listExampleComV1WidgetForAllNamespaces");
		expect(ids).toContain("patchExampleComV1NamespacedWidgetStatus");
		expect(new Set(ids).size).toBe(ids.length);
	});
});

test("objects and lists have Kubernetes' names and say what kind they are", () => {
	const { schemas } = read("/openapi/v3/apis/example.com/v1").components;
	const gvk = { group: "example.com", version: "v1" };
	expect(schemas["com.example.v1.Widget"]).toMatchObject({
		description: "A Widget is a thing.",
		"x-kubernetes-group-version-kind": [{ ...gvk, kind: "Widget" }],
	});
	expect(schemas["com.example.v1.WidgetList"]).toMatchObject({
		required: ["items"],
		"x-kubernetes-group-version-kind": [{ ...gvk, kind: "WidgetList" }],
		properties: { items: { items: { $ref: "#/components/schemas/com.example.v1.Widget" } } },
	});
	for (const meta of ["ObjectMeta", "ListMeta", "Status", "DeleteOptions", "OwnerReference", "ManagedFieldsEntry"]) {
		expect(schemas).toHaveProperty([`io.k8s.apimachinery.pkg.apis.meta.v1.${meta}`]);
	}
});

test("a field of a named type keeps its own description, which explain prints", () => {
	const { schemas } = read("/openapi/v3/apis/example.com/v1").components;
	expect(schemas["com.example.v1.Widget"].properties.spec).toEqual({
		description: "What it is to be",
		allOf: [{ $ref: "#/components/schemas/com.example.v1.WidgetSpec" }],
	});
	expect(schemas["com.example.v1.WidgetSpec"].properties.size.description).toBe("Millimetres");
});

test("quantities are of Kubernetes' type", () => {
	const kind = { ...widgetKind, schema: z.strictObject({ spec: z.strictObject({ cpu: quantity.describe("Cores") }) }) };
	const { schemas } = read("/openapi/v3/apis/example.com/v1", [kind]).components;
	expect(schemas["com.example.v1.WidgetSpec"].properties.cpu).toEqual({
		description: "Cores",
		allOf: [{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity" }],
	});
});

describe("paths", () => {
	const ONE = "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}";
	const gvk = { group: "example.com", version: "v1", kind: "Widget" };
	const names = (parameters: { name: string }[]) => parameters.map(({ name }) => name);

	test("are those of a kind in namespaces, and of all namespaces", () => {
		expect(Object.keys(read("/openapi/v3/apis/example.com/v1").paths)).toEqual([
			"/apis/example.com/v1/widgets",
			"/apis/example.com/v1/namespaces/{namespace}/widgets",
			ONE,
			`${ONE}/status`,
			`${ONE}/check`,
		]);
	});

	test("of the cluster's kinds have no namespace", () => {
		const { paths } = read("/openapi/v3/api/v1");
		expect(Object.keys(paths)).toContain("/api/v1/namespaces/{name}");
		expect(names(paths["/api/v1/namespaces/{name}"].parameters)).toEqual(["name"]);
		expect(names(paths["/api/v1/namespaces/{namespace}/configmaps/{name}"].parameters)).toEqual(["name", "namespace"]);
	});

	test("tell what is done with which kind", () => {
		const { paths } = read("/openapi/v3/apis/example.com/v1");
		const actions = Object.entries(paths[ONE]).flatMap(([method, operation]) =>
			method === "parameters"
				? []
				: [[method, Object(operation)["x-kubernetes-action"], Object(operation)["x-kubernetes-group-version-kind"]]],
		);
		expect(actions).toEqual([
			["get", "get", gvk],
			["put", "put", gvk],
			["patch", "patch", gvk],
			["delete", "delete", gvk],
		]);
	});

	test("have no operation for a verb that the kind has not", () => {
		const { paths } = read("/openapi/v3/apis/authorization.k8s.io/v1");
		expect(Object.keys(paths)).toEqual(["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]);
		expect(Object.keys(paths["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"])).toEqual(["post"]);
	});

	test("name the parameters by which kubectl knows what the server can check", () => {
		const { patch } = read("/openapi/v3/apis/example.com/v1").paths[ONE];
		expect(names(patch.parameters)).toEqual(["dryRun", "fieldManager", "fieldValidation", "force"]);
	});

	test("offer a strategic merge patch for Kubernetes' own kinds only", () => {
		const strategic = "application/strategic-merge-patch+json";
		const own = read("/openapi/v3/api/v1").paths["/api/v1/namespaces/{name}"].patch.requestBody.content;
		const other = read("/openapi/v3/apis/example.com/v1").paths[ONE].patch.requestBody.content;
		expect(own).toHaveProperty([strategic]);
		expect(other).not.toHaveProperty([strategic]);
		expect(other).toHaveProperty(["application/apply-patch+yaml"]);
	});

	test("of subresources take the kind that discovery names", () => {
		const { paths, components } = read("/openapi/v3/apis/example.com/v1");
		const { post } = paths[`${ONE}/check`];
		expect(post["x-kubernetes-group-version-kind"]).toEqual({ group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" });
		expect(components.schemas).toHaveProperty(["io.k8s.api.authentication.v1.TokenRequest"]);
	});
});

test.each(["/openapi", "/openapi/v2", "/openapi/v30", "/apis"])("%s is none of its paths", (path) => {
	expect(ask(path)).toBeUndefined();
});

test("a version without kinds has no document", () => {
	expect(refusal("/openapi/v3/apis/example.com/v2")).toMatchObject({ reason: "NotFound", code: 404 });
});

test("documents are not to be had as protobuf alone", () => {
	const accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
	expect(refusal("/openapi/v3", { accept })).toMatchObject({ reason: "NotAcceptable", code: 406 });
});
