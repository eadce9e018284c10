import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { ageColumn, listed, NONE } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";
import { type ModelRouteSpec, modelRouteSpecSchema } from "./schema.ts";

export interface ModelRoute extends BaseResource {
	spec: ModelRouteSpec;
}

export const modelRouteKind: KindDefinition<ModelRoute> = {
	group: "klaw.sh",
	version: "v1",
	kind: "ModelRoute",
	plural: "modelroutes",
	singular: "modelroute",
	shortNames: ["mr"],
	categories: ["klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A ModelRoute says which provider and model serve a call, at what price, and what is tried when one fails.",
	names: "subdomain",
	schema: z.strictObject({ spec: modelRouteSpecSchema.describe("Which models serve calls") }),
	validate: ({ spec }) => [...freeAndPriced(spec), ...unknownFallbacks(spec), ...elsewhere(spec)],
	warnings: () => ["a ModelRoute is kept and checked, and does not act yet"],
	columns: [
		{
			name: "Backends",
			type: "string",
			description: "Models that calls go to",
			cell: ({ spec }) => spec.backends.map(({ model }) => model).join(","),
		},
		{ name: "Residency", type: "string", description: "Where data is processed", cell: ({ spec }) => spec.residency ?? NONE },
		ageColumn,
		{
			name: "Models",
			type: "string",
			description: "Models of agents that it serves",
			priority: 1,
			cell: ({ spec }) => listed(spec.models),
		},
		{ name: "Fallbacks", type: "string", description: "What is tried next", priority: 1, cell: ({ spec }) => listed(spec.fallbacks) },
	],
};

function freeAndPriced({ backends }: ModelRouteSpec): Cause[] {
	return backends.flatMap(({ free, price }, index): Cause[] =>
		free && price
			? [
					{
						reason: "FieldValueForbidden",
						field: `spec.backends[${index}].price`,
						message: "Forbidden: may not be set when `free` is true",
					},
				]
			: [],
	);
}

function unknownFallbacks({ backends, fallbacks }: ModelRouteSpec): Cause[] {
	const known = backends.map(({ model }) => model);
	const supported = known.map((model) => `"${model}"`).join(", ");
	return fallbacks.flatMap((model, index): Cause[] =>
		known.includes(model)
			? []
			: [
					{
						reason: "FieldValueNotSupported",
						field: `spec.fallbacks[${index}]`,
						message: `Unsupported value: "${model}": supported values: ${supported}`,
					},
				],
	);
}

function elsewhere({ backends, residency }: ModelRouteSpec): Cause[] {
	if (residency === undefined || backends.some((backend) => backend.residency === residency)) return [];
	const message = `Invalid value: "${residency}": no backend has this residency, so no call could be served`;
	return [{ reason: "FieldValueInvalid", field: "spec.residency", message }];
}
