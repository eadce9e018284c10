import { describe, expect, test } from "vitest";
import { agentKind } from "../resources/agent/kind.ts";
import { agentSpecSchema } from "../resources/agent/schema.ts";
import { acceptsTable, toTable } from "./table.ts";

const agent = {
	apiVersion: "klaw.sh/v1",
	kind: "Agent",
	metadata: { name: "a", namespace: "default", uid: "u", resourceVersion: "3", generation: 1, creationTimestamp: "2026-11-22T08:00:00Z" },
	spec: agentSpecSchema.parse({}),
	status: { revision: "abc", observedGeneration: 1 },
};
const options = { resourceVersion: "7", now: 0 };

test("a Table names its columns and carries the metadata of each row", () => {
	const table = toTable(agentKind, [agent], options);
	expect(table).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion: "7" } });
	expect(table.columnDefinitions[0]).toEqual({
		name: "Name",
		type: "string",
		format: "name",
		description: expect.any(String),
		priority: 0,
	});
	expect(table.rows[0]?.object).toEqual({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: agent.metadata });
});

test("a row carries the whole object or none when that is asked for", () => {
	expect(toTable(agentKind, [agent], { ...options, include: "Object" }).rows[0]?.object).toBe(agent);
	expect(toTable(agentKind, [agent], { ...options, include: "None" }).rows[0]).not.toHaveProperty("object");
});

test("an empty Table still has its columns", () => {
	expect(toTable(agentKind, [], options)).toMatchObject({ rows: [], columnDefinitions: { length: 8 } });
});

describe("a Table is asked for", () => {
	test.each([
		["application/json;as=Table;v=v1;g=meta.k8s.io", true],
		["application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", true],
		["application/json; as=Table; g=meta.k8s.io; v=v1", true],
		["application/json", false],
		["application/json;as=Table;v=v1beta1;g=meta.k8s.io", false],
		["application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", false],
		["", false],
	])("by %j: %s", (accept, wanted) => {
		expect(acceptsTable(accept)).toBe(wanted);
	});
});
