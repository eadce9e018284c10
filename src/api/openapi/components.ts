import type { KindDefinition } from "../../resources/kind.ts";
import type { GroupVersionKind, JsonSchema } from "./json-schema.ts";
import { apiVersionSchema, intOrStringSchema, kindSchema, listMetaSchema, META_SCHEMAS, quantitySchema } from "./meta-schemas.ts";
import { schemaName } from "./schema-name.ts";
import { schemaOf } from "./schema-of.ts";

/** The `components.schemas` of a document: every schema that it names, and what those name in turn. */
export class Components {
	readonly schemas: Record<string, JsonSchema> = {};
	readonly #names = new Map(META_SCHEMAS);

	/** A reference to a schema out of META_SCHEMAS. */
	refer(schema: JsonSchema): JsonSchema {
		return this.#write(schema);
	}

	/** A reference to the objects of a kind. */
	ofKind(kind: KindDefinition): JsonSchema {
		const schema = schemaOf(kind);
		const name = schemaName(kind);
		this.#names.set(schema, name);
		for (const [field, part] of [["spec", "Spec"] as const, ["status", "Status"] as const]) {
			const inner = schema.properties?.[field];
			if (inner?.type === "object" && inner.properties) this.#names.set(inner, `${name}${part}`);
		}
		return this.#write(schema);
	}

	/** A reference to lists of a kind. */
	ofList(kind: KindDefinition): JsonSchema {
		const { group, version } = kind;
		const gvk = { group, version, kind: `${kind.kind}List` };
		return this.#named(schemaName(gvk), () => ({
			type: "object",
			description: `Some or all objects of the kind ${kind.kind}`,
			properties: {
				apiVersion: apiVersionSchema,
				kind: kindSchema,
				metadata: this.#field(listMetaSchema),
				items: { type: "array", description: "The objects", items: this.ofKind(kind) },
			},
			required: ["items"],
			"x-kubernetes-group-version-kind": [gvk],
		}));
	}

	/** A reference to objects of which nothing but their kind is known here. */
	ofUnknown(gvk: GroupVersionKind): JsonSchema {
		return this.#named(schemaName(gvk), () => ({
			type: "object",
			"x-kubernetes-preserve-unknown-fields": true,
			"x-kubernetes-group-version-kind": [gvk],
		}));
	}

	#write(schema: JsonSchema): JsonSchema {
		const name = this.#names.get(schema);
		if (name !== undefined) return this.#named(name, () => this.#spell(schema));
		if (schema.format === "quantity") return this.#described(schema, quantitySchema);
		if (schema["x-kubernetes-int-or-string"]) return this.#described(schema, intOrStringSchema);
		return this.#spell(schema);
	}

	/** `explain` shows the description of a field and that of its type: the field has it, or both would say the same. */
	#field(schema: JsonSchema): JsonSchema {
		const name = this.#names.get(schema);
		if (name === undefined) return this.#write(schema);
		const { description, default: value, ...type } = schema;
		return {
			...(description === undefined ? {} : { description }),
			...(value === undefined ? {} : { default: value }),
			allOf: [this.#named(name, () => this.#spell(type))],
		};
	}

	#named(name: string, make: () => JsonSchema): JsonSchema {
		if (!(name in this.schemas)) {
			// Taken first: a schema may lead back to itself.
			this.schemas[name] = {};
			this.schemas[name] = make();
		}
		return { $ref: `#/components/schemas/${name}` };
	}

	/** A field of a named type with a description of its own, which OpenAPI 3.0 does not allow beside a reference. */
	#described({ description, default: value }: JsonSchema, type: JsonSchema): JsonSchema {
		return {
			...(description === undefined ? {} : { description }),
			...(value === undefined ? {} : { default: value }),
			allOf: [this.#write(type)],
		};
	}

	/** The schema itself, with what is in it by name where it has one. */
	#spell(schema: JsonSchema): JsonSchema {
		const spelled: JsonSchema = { ...schema };
		if (schema.properties) {
			spelled.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, this.#field(inner)]));
		}
		if (schema.items) spelled.items = this.#write(schema.items);
		if (schema.additionalProperties) spelled.additionalProperties = this.#write(schema.additionalProperties);
		return spelled;
	}
}
