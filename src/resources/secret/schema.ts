import * as z from "zod";
import { configKey, isBase64 } from "../config-data.ts";

/** A value that no message may quote, whatever is wrong with it. `z.string()` would, if it were a number. */
function secretText(problem: (text: string) => string | undefined) {
	return z
		.unknown()
		.superRefine((value, context) => {
			const message = typeof value === "string" ? problem(value) : "must be a string";
			if (message) context.addIssue({ code: "custom", message, params: { hidden: true } });
		})
		.transform(String)
		.meta({ type: "string" });
}

const base64Value = secretText((text) => (isBase64(text) ? undefined : "must be base64; put plain text into stringData")).meta({
	type: "string",
	format: "byte",
});
const plainValue = secretText(() => undefined);

export const secretSchema = z
	.strictObject({
		type: z.string().max(253).default("Opaque").describe("What it is for, such as kubernetes.io/tls; some types need certain keys"),
		data: z
			.record(configKey, base64Value)
			.optional()
			.describe(
				"Values by key, in base64. They are never served again: reads have empty values, and writing an empty value keeps the old one",
			),
		stringData: z.record(configKey, plainValue).optional().describe("Values by key as plain text, for writing: they are put into data"),
		immutable: z.boolean().optional().describe("No value may change any more, except by deleting the Secret"),
	})
	.transform(({ stringData, data, type, immutable }) => {
		const texts = Object.entries(stringData ?? {}).map(([key, text]) => [key, base64Of(text)]);
		const merged: Record<string, string> = { ...data, ...Object.fromEntries(texts) };
		return {
			type,
			...(data === undefined && stringData === undefined ? {} : { data: merged }),
			...(immutable === undefined ? {} : { immutable }),
		};
	});

/** What is kept of a Secret: `stringData` is gone. */
export type SecretFields = { type: string; data?: Record<string, string>; immutable?: boolean };

function base64Of(text: string): string {
	let binary = "";
	for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
	return btoa(binary);
}
