import * as z from "zod";
import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { describeEvents } from "./events.ts";
import { textMap } from "./fields.ts";
import { describeMetadata } from "./metadata.ts";

const configMapSchema = z.looseObject({ data: textMap, binaryData: textMap });
const secretSchema = z.looseObject({ type: z.string().nullish(), data: textMap });
const serviceAccountSchema = z.looseObject({
	imagePullSecrets: z.array(z.looseObject({ name: z.string() })).nullish(),
	secrets: z.array(z.looseObject({ name: z.string() })).nullish(),
});

export const describeConfigMap: Describe = (object, { events, now }) => {
	const { data, binaryData } = configMapSchema.parse(object);
	const text = new Description();
	describeMetadata(text, object.metadata);
	head(text, "Data");
	for (const [key, value] of sorted(data)) for (const line of [`${key}:`, "----", value, ""]) text.line(0, line);
	head(text, "BinaryData");
	for (const [key, value] of sorted(binaryData)) text.line(0, `${key}: ${bytesOf(value)} bytes`);
	text.line(0, "");
	describeEvents(text, events, now);
	return text.toString();
};

/** Only how long the values are. */
export const describeSecret: Describe = (object) => {
	const { type, data } = secretSchema.parse(object);
	const text = new Description();
	describeMetadata(text, object.metadata);
	text.line(0, "");
	text.line(0, "Type:", type ?? "");
	head(text, "Data");
	for (const [key, value] of sorted(data)) text.line(0, `${key}:`, `${bytesOf(value)} bytes`);
	return text.toString();
};

export const describeServiceAccount: Describe = (object, { events, now }) => {
	const { imagePullSecrets, secrets } = serviceAccountSchema.parse(object);
	const text = new Description();
	describeMetadata(text, object.metadata);
	text.list(
		0,
		"Image pull secrets",
		(imagePullSecrets ?? []).map(({ name }) => name),
	);
	text.list(
		0,
		"Mountable secrets",
		(secrets ?? []).map(({ name }) => name),
	);
	// Tokens are asked for, never stored.
	text.list(0, "Tokens", []);
	describeEvents(text, events, now);
	return text.toString();
};

function head(text: Description, title: string): void {
	for (const line of ["", title, "===="]) text.line(0, line);
}

function sorted(map: Record<string, string> | null | undefined): [string, string][] {
	return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function bytesOf(base64: string): number {
	return Buffer.from(base64, "base64").length;
}
