import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../api/openapi/json-schema.ts";
import { schemaOf } from "../api/openapi/schema-of.ts";
import { columnsOf } from "../api/table.ts";
import { agentKind } from "./agent/kind.ts";
import { nodeKind } from "./node/kind.ts";
import { ALL_KINDS, findKind, KINDS, VIRTUAL_KINDS } from "./registry.ts";
import { nodeMetricsKind } from "./virtual/metrics.ts";

const named = (kinds: readonly (typeof KINDS)[number][]) => kinds.map((kind) => [`${kind.plural}.${kind.group}`, kind] as const);

test("a kind is found by group, version and plural", () => {
	expect(findKind("klaw.sh", "v1", "agents")).toBe(agentKind);
	expect(findKind("", "v1", "nodes")).toBe(nodeKind);
	expect(findKind("metrics.k8s.io", "v1beta1", "nodes")).toBe(nodeMetricsKind);
	expect(findKind("klaw.sh", "v1", "nodes")).toBeUndefined();
});

test("the body of a subresource is no resource", () => {
	expect(VIRTUAL_KINDS.some(({ plural }) => plural === "evictions")).toBe(true);
	expect(findKind("policy", "v1", "evictions")).toBeUndefined();
});

test("no two kinds of klaw and of the core share a name", () => {
	const own = KINDS.filter(({ group }) => group !== "events.k8s.io");
	const names = own.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]);
	expect(new Set(names).size).toBe(names.length);
});

test("every kind of klaw is in the category klaw, and what works is in all", () => {
	const inCategory = (category: string) => KINDS.filter(({ categories }) => categories?.includes(category)).map(({ plural }) => plural);
	expect(inCategory("klaw")).toEqual(KINDS.filter(({ group }) => group === "klaw.sh").map(({ plural }) => plural));
	expect(inCategory("all").sort()).toEqual(["agents", "crontasks", "pods", "sessions", "tasks"]);
});

test("a projection shows a kind that is stored", () => {
	const shown = KINDS.flatMap(({ projection }) => (projection ? [projection.of] : []));
	expect(shown.sort()).toEqual(["events", "sessions"]);
	for (const plural of shown) expect(KINDS.some((kind) => kind.plural === plural && !kind.projection)).toBe(true);
});

describe.each(named(ALL_KINDS))("%s", (_, kind) => {
	test("explains every field", () => {
		const { properties = {}, ...rest } = schemaOf(kind);
		const { apiVersion: _, kind: __, metadata: ___, ...own } = properties;
		expect(undescribed({ ...rest, properties: own }, kind.kind)).toEqual([]);
	});

	test("has each column once", () => {
		const names = columnsOf(kind).map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		for (const { description } of kind.columns) expect(description).not.toBe("");
	});
});

test.each(named(KINDS.filter(({ projection }) => !projection)))("%s accept no field that they do not know", (_, kind) => {
	expect(isStrict(kind.schema.safeParse({ unheardOf: 1 }))).toBe(true);
});

function isStrict(parsed: ReturnType<(typeof KINDS)[number]["schema"]["safeParse"]>): boolean {
	return !parsed.success && parsed.error.issues.some((issue) => issue.code === "unrecognized_keys" && issue.keys.includes("unheardOf"));
}

/** Paths of the fields without a description. */
function undescribed(schema: JsonSchema, path: string): string[] {
	const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
		...(field.description ? [] : [`${path}.${name}`]),
		...undescribed(field, `${path}.${name}`),
	]);
	const inner = [schema.items, schema.additionalProperties].flatMap((part) => (part ? undescribed(part, `${path}[]`) : []));
	return [...fields, ...inner];
}
