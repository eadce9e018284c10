import type { Cause } from "../../api/status.ts";
import { ageColumn } from "../columns.ts";
import { base64Bytes, DATA_LIMIT_BYTES } from "../config-data.ts";
import { frozenCauses } from "../frozen.ts";
import { immutable } from "../immutable.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";
import { type SecretFields, secretSchema } from "./schema.ts";
import { sealable } from "./sealable.ts";

export type Secret = BaseResource & SecretFields;

/** Keys that a Secret of a type must have, as Kubernetes demands them. */
const REQUIRED_KEYS: Record<string, readonly string[]> = {
	"kubernetes.io/tls": ["tls.crt", "tls.key"],
	"kubernetes.io/ssh-auth": ["ssh-privatekey"],
	"kubernetes.io/dockercfg": [".dockercfg"],
	"kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};

export const secretKind: KindDefinition<Secret> = {
	group: "",
	version: "v1",
	kind: "Secret",
	plural: "secrets",
	singular: "secret",
	shortNames: [],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description:
		"A Secret keeps values that are sealed when they are written and never served again: reads return the keys with empty values.",
	names: "subdomain",
	schema: secretSchema,
	validate: (secret) => [...missingKeys(secret), ...tooLong(secret)],
	validateUpdate: (old, next) => [...frozenCauses(old, next, ["data"]), ...immutable("type", old.type, next.type)],
	selectableFields: { type: ({ type }) => type },
	redact: (secret) => sealable(secret).shell,
	columns: [
		{ name: "Type", type: "string", description: "What it is for", cell: ({ type }) => type },
		{ name: "Data", type: "integer", description: "How many keys it has", cell: ({ data = {} }) => Object.keys(data).length },
		ageColumn,
	],
};

function missingKeys({ type, data = {} }: Secret): Cause[] {
	return (REQUIRED_KEYS[type] ?? [])
		.filter((key) => !Object.hasOwn(data, key))
		.map((key) => ({ reason: "FieldValueRequired", field: `data[${key}]`, message: "Required value" }));
}

function tooLong({ data = {} }: Secret): Cause[] {
	const bytes = Object.values(data).reduce((sum, value) => sum + base64Bytes(value), 0);
	if (bytes <= DATA_LIMIT_BYTES) return [];
	return [{ reason: "FieldValueTooLong", field: "data", message: `Too long: may not be more than ${DATA_LIMIT_BYTES} bytes` }];
}
