import type { GroupVersionKind, JsonSchema } from "./json-schema.ts";
import type { Parameter } from "./parameters.ts";

type Content = Record<string, { schema: JsonSchema }>;

/** An operation of OpenAPI 3.0, with Kubernetes' extensions by which its clients find out what they may send. */
export interface Operation {
	tags: string[];
	description: string;
	operationId: string;
	parameters?: readonly Parameter[];
	requestBody?: { required?: true; content: Content };
	responses: Record<string, { description: string; content?: Content }>;
	"x-kubernetes-action": Action;
	"x-kubernetes-group-version-kind": GroupVersionKind;
}

export type Action = "get" | "list" | "post" | "put" | "patch" | "delete" | "deletecollection";

/** What an answer has: the object in the forms in which it can be had. */
export function answers(schema: JsonSchema, ...codes: ("200" | "201")[]): Operation["responses"] {
	const content: Content = { "application/json": { schema }, "application/yaml": { schema } };
	const responses: Operation["responses"] = {};
	for (const code of codes) responses[code] = { description: code === "200" ? "OK" : "Created", content };
	responses["401"] = { description: "Unauthorized" };
	return responses;
}

/** @example camelCased("rbac.authorization.k8s.io", "v1") // "RbacAuthorizationV1" */
export function camelCased(group: string, version: string): string {
	const parts = [...(group === "" ? ["core"] : group.replace(/\.k8s\.io$/, "").split(".")), version];
	return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
}
