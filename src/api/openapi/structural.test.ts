import { describe, expect, test } from "vitest";
import * as z from "zod";
import { structuralSchema } from "./structural.ts";

const anything = { "x-kubernetes-preserve-unknown-fields": true };

describe("a field keeps", () => {
	test("its description, its default and its bounds", () => {
		expect(structuralSchema(z.number().int().min(1).max(9).default(5).describe("How many"))).toEqual({
			type: "integer",
			format: "int64",
			minimum: 1,
			maximum: 9,
			default: 5,
			description: "How many",
		});
		expect(structuralSchema(z.string().min(1).max(3).regex(/^a/))).toEqual({ type: "string", minLength: 1, maxLength: 3, pattern: "^a" });
	});

	test("its merge rules", () => {
		const schema = z
			.array(z.object({ name: z.string() }))
			.meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] });
		expect(structuralSchema(z.strictObject({ list: schema.optional().describe("A list") })).properties?.list).toEqual({
			type: "array",
			description: "A list",
			items: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["name"],
		});
	});

	test("its values", () => {
		expect(structuralSchema(z.enum(["a", "b"]))).toEqual({ type: "string", enum: ["a", "b"] });
		expect(structuralSchema(z.literal("a"))).toEqual({ type: "string", enum: ["a"] });
	});

	test("that it may be null", () => {
		expect(structuralSchema(z.string().nullish())).toEqual({ type: "string", nullable: true });
	});
});

test("what JavaScript cannot count is no bound of a field", () => {
	expect(structuralSchema(z.number().int())).toEqual({ type: "integer", format: "int64" });
});

test("a date has its format and not zod's pattern of it", () => {
	expect(structuralSchema(z.iso.datetime())).toEqual({ type: "string", format: "date-time" });
});

test("only fields without a default are required, and unknown ones are no matter of the schema", () => {
	const schema = z.strictObject({
		a: z.string(),
		b: z.string().default("x"),
		c: z.string().optional(),
		d: z.strictObject({}).prefault({}),
	});
	expect(structuralSchema(schema)).toMatchObject({ type: "object", required: ["a"] });
	expect(structuralSchema(schema)).not.toHaveProperty("additionalProperties");
});

test("what a client sends counts, not what becomes of it", () => {
	expect(structuralSchema(z.string().transform(Number))).toEqual({ type: "string" });
	expect(structuralSchema(z.preprocess((value) => value, z.string()))).toMatchObject({ type: "string" });
});

test("a map with free keys says what its values are", () => {
	expect(structuralSchema(z.record(z.string().max(3), z.number()))).toEqual({ type: "object", additionalProperties: { type: "number" } });
});

test("where anything goes, that is said", () => {
	expect(structuralSchema(z.unknown())).toEqual(anything);
	expect(structuralSchema(z.custom<string>(() => true).describe("Custom"))).toEqual({ ...anything, description: "Custom" });
	expect(structuralSchema(z.looseObject({ a: z.string() }))).toEqual({
		type: "object",
		properties: { a: { type: "string" } },
		required: ["a"],
		...anything,
	});
});

describe("of alternatives one schema comes to be", () => {
	test("with the fields of all, and those required that all require", () => {
		const union = z.discriminatedUnion("type", [
			z.strictObject({ type: z.literal("a"), url: z.string() }),
			z.strictObject({ type: z.literal("b"), port: z.number() }),
		]);
		expect(structuralSchema(union)).toEqual({
			type: "object",
			properties: { type: { type: "string", enum: ["a", "b"] }, url: { type: "string" }, port: { type: "number" } },
			required: ["type"],
		});
	});

	test("without a type where they have different ones", () => {
		expect(structuralSchema(z.union([z.string(), z.strictObject({ ref: z.string() })]).describe("Text or reference"))).toEqual({
			description: "Text or reference",
			properties: { ref: { type: "string" } },
		});
	});

	test("of text and numbers under the names that Kubernetes has for them", () => {
		expect(structuralSchema(z.union([z.string(), z.number().transform(String)]).describe("q"))).toEqual({
			format: "quantity",
			description: "q",
		});
		expect(structuralSchema(z.union([z.string(), z.number().int()]))).toEqual({ "x-kubernetes-int-or-string": true });
	});
});

test("an intersection has the fields of both", () => {
	const both = z.intersection(z.object({ a: z.string() }), z.object({ b: z.string().optional() }));
	expect(structuralSchema(both)).toEqual({
		type: "object",
		properties: { a: { type: "string" }, b: { type: "string" } },
		required: ["a"],
	});
});

test("schemas with an id are spelled out at each place", () => {
	const named = z.strictObject({ x: z.string() }).meta({ id: "StructuralTestNamed" });
	const { properties } = structuralSchema(z.strictObject({ one: named, two: named }));
	const spelled = { type: "object", properties: { x: { type: "string" } }, required: ["x"] };
	expect(properties).toMatchObject({ one: spelled, two: spelled });
});

test("a schema within itself ends in anything", () => {
	const tree = z.strictObject({
		name: z.string(),
		get children() {
			return z.array(tree).optional();
		},
	});
	const schema = structuralSchema(z.strictObject({ spec: tree }));
	expect(JSON.stringify(schema)).not.toContain("$ref");
	expect(schema.properties?.spec?.properties?.children).toMatchObject({ type: "array" });
});
