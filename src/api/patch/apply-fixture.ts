import type { BaseResource, FieldsV1, ManagedFieldsEntry } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";

/** A kind with one field of every structure. Only tests use it. */
export const WIDGET_SCHEMA: JsonSchema = {
	type: "object",
	properties: {
		spec: {
			type: "object",
			properties: {
				model: { type: "string" },
				size: { type: "integer" },
				limits: { type: "object", properties: { iterations: { type: "integer" }, deadline: { type: "string" } } },
				selector: { type: "object", additionalProperties: { type: "string" } },
				tools: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
				args: { type: "array", items: { type: "string" } },
				ports: {
					type: "array",
					items: {
						type: "object",
						properties: { name: { type: "string" }, protocol: { type: "string", default: "TCP" }, port: { type: "integer" } },
					},
					"x-kubernetes-list-type": "map",
					"x-kubernetes-list-map-keys": ["name", "protocol"],
				},
				source: { type: "object", properties: { url: { type: "string" } }, "x-kubernetes-map-type": "atomic" },
				free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
			},
		},
		status: { type: "object", properties: { phase: { type: "string" } } },
	},
};

export const API_VERSION = "klaw.sh/v1";

export interface Widget extends BaseResource {
	spec?: Record<string, unknown>;
	status?: Record<string, unknown>;
}

export function widget(spec: Record<string, unknown>, metadata: Partial<BaseResource["metadata"]> = {}): Widget {
	return {
		apiVersion: API_VERSION,
		kind: "Widget",
		metadata: {
			name: "w",
			namespace: "default",
			uid: "u-1",
			resourceVersion: "7",
			creationTimestamp: "2026-01-01T00:00:00Z",
			generation: 1,
			...metadata,
		},
		spec,
	};
}

export function config(spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): object {
	return { apiVersion: API_VERSION, kind: "Widget", metadata: { name: "w", ...metadata }, spec };
}

/** What each manager owns, by its name and operation. */
export function owned(entries: readonly ManagedFieldsEntry[]): Record<string, FieldsV1> {
	return Object.fromEntries(entries.map(({ manager, operation, fieldsV1 }) => [`${manager} ${operation}`, fieldsV1]));
}
