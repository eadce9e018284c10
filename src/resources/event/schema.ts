import * as z from "zod";
import { objectReferenceSchema } from "../references.ts";

export const eventSchema = z.strictObject({
	involvedObject: objectReferenceSchema.describe("What it is about"),
	reason: z.string().max(128).default("").describe("What happened, in one CamelCase word"),
	message: z.string().max(1024).default("").describe("What happened, in a sentence"),
	source: z
		.strictObject({
			component: z.string().max(253).optional().describe("Part of the system that reports it"),
			host: z.string().max(253).optional().describe("Node that reports it"),
		})
		.optional()
		.describe("Who reports it"),
	firstTimestamp: z.string().optional().describe("When it first happened"),
	lastTimestamp: z.string().optional().describe("When it last happened"),
	count: z.number().int().min(0).optional().describe("How often it happened"),
	type: z.enum(["Normal", "Warning"]).default("Normal").describe("Normal or Warning"),
	eventTime: z.string().optional().describe("When it first happened, in microseconds"),
	series: z
		.strictObject({
			count: z.number().int().min(0).optional().describe("How often it has happened in the series"),
			lastObservedTime: z.string().optional().describe("When it last happened"),
		})
		.optional()
		.describe("Set while it keeps happening"),
	action: z.string().max(128).optional().describe("What was done, or failed"),
	related: objectReferenceSchema.optional().describe("Another object that has to do with it"),
	reportingComponent: z.string().max(253).default("").describe("Controller that reports it, such as klaw.sh/scheduler"),
	reportingInstance: z.string().max(128).default("").describe("Which instance of the controller"),
});
export type EventFields = z.output<typeof eventSchema>;
