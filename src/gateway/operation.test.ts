import { expect, test } from "vitest";
import { ALL_VERBS, type KindDefinition, READ_VERBS } from "../resources/kind.ts";
import { operationOf } from "./operation.ts";

const resource = { group: "klaw.sh", version: "v1", plural: "agents" };
const all = { resource, namespace: "a" };
const one = { ...all, name: "x" };
const of = (subresource: string) => ({ ...one, resource: { ...resource, subresource } });
const kind = (definition: Partial<KindDefinition>) => ({ scope: "Namespaced", verbs: ALL_VERBS, ...definition }) as KindDefinition;
const agents = kind({
	subresources: [
		{ name: "status", verbs: ["get", "patch", "update"] },
		{ name: "token", verbs: ["create"] },
	],
});

test.each([
	["GET", all, "list"],
	["POST", all, "create"],
	["DELETE", all, "deletecollection"],
	["PUT", all, undefined],
	["GET", one, "get"],
	["PUT", one, "update"],
	["PATCH", one, "patch"],
	["DELETE", one, "delete"],
	["POST", one, undefined],
	["TRACE", one, undefined],
	["GET", { resource }, "list"],
	["POST", { resource }, undefined],
	["DELETE", { resource }, undefined],
	["PATCH", of("status"), "patch"],
	["DELETE", of("status"), undefined],
	["POST", of("token"), "create"],
	["GET", of("token"), undefined],
	["GET", of("other"), undefined],
] as const)("%s of %j is %s", (method, named, verb) => {
	expect(operationOf(method, named, agents, false)).toBe(verb);
});

test("a list that watches is a watch, and nothing else is", () => {
	expect(operationOf("GET", all, agents, true)).toBe("watch");
	expect(operationOf("GET", { resource }, agents, true)).toBe("watch");
	expect(operationOf("GET", one, agents, true)).toBe("get");
	expect(operationOf("POST", all, agents, true)).toBe("create");
});

test("what a kind does not have is not allowed", () => {
	const records = kind({ verbs: ["get", "list"] });
	expect(operationOf("GET", all, records, true)).toBeUndefined();
	expect(operationOf("DELETE", one, kind({ verbs: READ_VERBS }), false)).toBeUndefined();
});

test("a kind of the cluster is written without a namespace", () => {
	const nodes = kind({ scope: "Cluster" });
	expect(operationOf("POST", { resource }, nodes, false)).toBe("create");
	expect(operationOf("DELETE", { resource }, nodes, false)).toBe("deletecollection");
});
