import * as z from "zod";
import { secretRef } from "../references.ts";

const model = z
	.string()
	.max(256)
	.regex(/^[a-z0-9-]+\/.+$/, "must be provider/model, for example anthropic/claude-sonnet-5-5 or offline/shell");

const perMillion = z.number().nonnegative().max(100_000);

const priceSchema = z.strictObject({
	input: perMillion.describe("Dollars for a million tokens sent"),
	output: perMillion.describe("Dollars for a million tokens received"),
	cacheRead: perMillion.optional().describe("Dollars for a million tokens sent that were cached; absent: as input"),
	cacheWrite: perMillion.optional().describe("Dollars for a million tokens sent to be cached; absent: as input"),
});

const backendSchema = z.strictObject({
	model: model.describe("provider/model"),
	weight: z.number().int().min(0).max(1000).default(1).describe("Share of the calls among the backends; 0: none but as a fallback"),
	price: priceSchema.optional().describe("What calls cost; absent: klaw's own price list"),
	free: z.boolean().default(false).describe("Calls cost nothing. A model with no price is refused unless this is true"),
	residency: z.string().min(1).max(63).optional().describe("Where data is processed, for example eu"),
	secretRef: secretRef("apiKey").optional(),
});

export const modelRouteSpecSchema = z.strictObject({
	models: z
		.array(model)
		.max(64)
		.meta({ "x-kubernetes-list-type": "set" })
		.optional()
		.describe("Models of agents that this route serves; absent: agents name the route itself as route/NAME"),
	residency: z.string().min(1).max(63).optional().describe("Only backends of this residency are called"),
	backends: z
		.array(backendSchema)
		.min(1)
		.max(64)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.describe("Models that calls go to, by weight"),
	fallbacks: z
		.array(model)
		.max(16)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.default([])
		.describe("Models of the backends that are tried in this order when one fails before its first token"),
});
export type ModelRouteSpec = z.output<typeof modelRouteSpecSchema>;
