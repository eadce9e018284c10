import { describe, expect, test } from "vitest";
import { resourcePath } from "./resource-path.ts";

const agents = { group: "klaw.sh", version: "v1", plural: "agents" };
const core = (plural: string) => ({ group: "", version: "v1", plural });

describe("a path names", () => {
	test.each([
		["/apis/klaw.sh/v1/agents", { resource: agents }],
		["/apis/klaw.sh/v1/agents/", { resource: agents }],
		["/apis/klaw.sh/v1/namespaces/a/agents", { resource: agents, namespace: "a" }],
		["/apis/klaw.sh/v1/namespaces/a/agents/x", { resource: agents, namespace: "a", name: "x" }],
		["/apis/klaw.sh/v1/namespaces/a/agents/x/status", { resource: { ...agents, subresource: "status" }, namespace: "a", name: "x" }],
		["/apis/klaw.sh/v1/namespaces/a/agents/x%2Fy", { resource: agents, namespace: "a", name: "x/y" }],
		["/api/v1/pods", { resource: core("pods") }],
		["/api/v1/nodes/n1", { resource: core("nodes"), name: "n1" }],
		["/api/v1/namespaces", { resource: core("namespaces") }],
		["/api/v1/namespaces/a", { resource: core("namespaces"), name: "a" }],
		["/api/v1/namespaces/a/status", { resource: { ...core("namespaces"), subresource: "status" }, name: "a" }],
		["/api/v1/namespaces/a/pods", { resource: core("pods"), namespace: "a" }],
		["/api/v1/namespaces/a/status/x", { resource: core("status"), namespace: "a", name: "x" }],
		["/api/v1/namespaces/a/pods/p/log", { resource: { ...core("pods"), subresource: "log" }, namespace: "a", name: "p" }],
		[
			"/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
			{ resource: { group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles" }, name: "system:node" },
		],
	])("%s", (path, named) => {
		expect(resourcePath(path)).toEqual(named);
	});
});

describe("a path names nothing", () => {
	test.each([
		"/",
		"/api",
		"/api/v1",
		"/apis",
		"/apis/klaw.sh",
		"/apis/klaw.sh/v1",
		"/nowhere/v1/agents",
		"/apis/klaw.sh/v1//agents",
		"/apis/klaw.sh/v1/namespaces/a/agents/x/status/more",
		"/apis/klaw.sh/v1/namespaces/a/agents/%FF",
	])("%s", (path) => {
		expect(resourcePath(path)).toBeUndefined();
	});
});
