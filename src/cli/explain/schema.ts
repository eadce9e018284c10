import * as z from "zod";

/** A schema of OpenAPI v3 as far as `explain` reads it. */
export interface Schema {
	description?: string | undefined;
	type?: string | undefined;
	enum?: unknown[] | undefined;
	required?: string[] | undefined;
	$ref?: string | undefined;
	allOf?: Schema[] | undefined;
	items?: Schema | undefined;
	additionalProperties?: Schema | boolean | undefined;
	properties?: Record<string, Schema> | undefined;
}

const schemaSchema: z.ZodType<Schema> = z.lazy(() =>
	z.looseObject({
		description: z.string().optional(),
		type: z.string().optional(),
		enum: z.array(z.unknown()).optional(),
		required: z.array(z.string()).optional(),
		$ref: z.string().optional(),
		allOf: z.array(schemaSchema).optional(),
		items: schemaSchema.optional(),
		additionalProperties: z.union([z.boolean(), schemaSchema]).optional(),
		properties: z.record(z.string(), schemaSchema).optional(),
	}),
);

const groupVersionKind = z.object({ group: z.string(), version: z.string(), kind: z.string() });
const documentSchema = z.looseObject({
	components: z
		.looseObject({
			schemas: z.record(
				z.string(),
				z.intersection(schemaSchema, z.looseObject({ "x-kubernetes-group-version-kind": z.array(groupVersionKind).optional() })),
			),
		})
		.optional(),
});

const REF = "#/components/schemas/";

/** The schemas of one group and version, as `/openapi/v3/…` has them. */
export class Schemas {
	readonly #byName: Record<string, Schema & { "x-kubernetes-group-version-kind"?: z.infer<typeof groupVersionKind>[] | undefined }>;

	/** @throws z.ZodError when it is no OpenAPI v3 document */
	constructor(document: unknown) {
		this.#byName = documentSchema.parse(document).components?.schemas ?? {};
	}

	ofKind(wanted: { group: string; version: string; kind: string }): Schema | undefined {
		return Object.values(this.#byName).find((schema) =>
			schema["x-kubernetes-group-version-kind"]?.some(
				({ group, version, kind }) => group === wanted.group && version === wanted.version && kind === wanted.kind,
			),
		);
	}

	/** What a schema stands for: itself, or what it refers to directly or as its only `allOf`. */
	resolve(schema: Schema): Schema {
		const name = refOf(schema);
		const target = name === undefined ? undefined : this.#byName[name];
		return target ? this.resolve(target) : schema;
	}

	/** The schema whose fields a field of this schema has: that of a list's items, or a map's values. */
	element(schema: Schema): Schema {
		const resolved = this.resolve(schema);
		if (resolved.items) return this.element(resolved.items);
		if (typeof resolved.additionalProperties === "object") return this.element(resolved.additionalProperties);
		return resolved;
	}

	/** The schema of a field. @returns undefined where there is none such */
	field(schema: Schema, name: string): Schema | undefined {
		const { properties = {} } = this.element(schema);
		return Object.hasOwn(properties, name) ? properties[name] : undefined;
	}

	/** What a field is called by its type: `string`, `[]Container`, `map[string]integer`. */
	typeOf(schema: Schema): string {
		const resolved = this.resolve(schema);
		if (resolved.items) return `[]${this.typeOf(resolved.items)}`;
		if (typeof resolved.additionalProperties === "object") return `map[string]${this.typeOf(resolved.additionalProperties)}`;
		if (resolved.type !== undefined && resolved.type !== "object") return resolved.type;
		const name = refOf(schema);
		return name === undefined ? "Object" : (name.split(".").at(-1) ?? "Object");
	}

	/** Everything that is said about a schema, the nearest first. */
	descriptions(schema: Schema): string[] {
		const own = schema.description ? [schema.description] : [];
		const resolved = this.resolve(schema);
		if (resolved !== schema) return [...own, ...this.descriptions(resolved)];
		if (schema.items) return [...own, ...this.descriptions(schema.items)];
		if (typeof schema.additionalProperties === "object") return [...own, ...this.descriptions(schema.additionalProperties)];
		return own;
	}
}

function refOf({ $ref, allOf }: Schema): string | undefined {
	const ref = $ref ?? (allOf?.length === 1 ? allOf[0]?.$ref : undefined);
	return ref?.startsWith(REF) ? ref.slice(REF.length) : undefined;
}
