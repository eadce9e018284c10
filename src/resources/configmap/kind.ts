import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { ageColumn } from "../columns.ts";
import { base64Bytes, configKey, DATA_LIMIT_BYTES, isBase64 } from "../config-data.ts";
import { frozenCauses } from "../frozen.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { shown } from "../metadata.ts";
import type { BaseResource } from "../resource.ts";

const configMapSchema = z.strictObject({
	data: z.record(configKey, z.string()).optional().describe("Texts by key"),
	binaryData: z
		.record(configKey, z.string().refine(isBase64, "must be base64"))
		.optional()
		.describe("Bytes by key, in base64; no key may be in data as well"),
	immutable: z.boolean().optional().describe("Nothing of it may change any more, except by deleting it"),
});

export type ConfigMap = BaseResource & z.output<typeof configMapSchema>;

export const configMapKind: KindDefinition<ConfigMap> = {
	group: "",
	version: "v1",
	kind: "ConfigMap",
	plural: "configmaps",
	singular: "configmap",
	shortNames: ["cm"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A ConfigMap keeps texts by key, such as the parts of an agent's instructions.",
	names: "subdomain",
	schema: configMapSchema,
	validate: (map) => [...doubleKeys(map), ...tooLong(map)],
	validateUpdate: (old, next) => frozenCauses(old, next, ["data", "binaryData"]),
	columns: [
		{
			name: "Data",
			type: "integer",
			description: "How many keys it has",
			cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
		},
		ageColumn,
	],
};

function doubleKeys({ data = {}, binaryData = {} }: ConfigMap): Cause[] {
	return Object.keys(data)
		.filter((key) => Object.hasOwn(binaryData, key))
		.map((key) => ({
			reason: "FieldValueInvalid",
			field: `data[${key}]`,
			message: `Invalid value: ${shown(key)}: duplicate of key present in binaryData`,
		}));
}

function tooLong({ data = {}, binaryData = {} }: ConfigMap): Cause[] {
	const encoder = new TextEncoder();
	let bytes = 0;
	for (const text of Object.values(data)) bytes += encoder.encode(text).byteLength;
	for (const text of Object.values(binaryData)) bytes += base64Bytes(text);
	if (bytes <= DATA_LIMIT_BYTES) return [];
	// Kubernetes means the whole object, and that is how it writes its path.
	return [{ reason: "FieldValueTooLong", field: "[]", message: `Too long: may not be more than ${DATA_LIMIT_BYTES} bytes` }];
}
