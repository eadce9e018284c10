import { describe, expect, test } from "vitest";
import { resourcesSchema } from "../agent/resources.ts";
import { limitProblems, withLimitDefaults } from "./apply.ts";
import type { LimitRangeItem } from "./kind.ts";

const defaults: LimitRangeItem = { type: "Container", default: { cpu: "1", memory: "1Gi", gpu: "1" }, defaultRequest: { cpu: "200m" } };

describe("an agent in a namespace with defaults", () => {
	test("that states nothing gets them", () => {
		expect(withLimitDefaults(undefined, [defaults])).toEqual({
			resources: { requests: { cpu: "200m" }, limits: { cpu: "1", memory: "1Gi" } },
		});
	});

	test("keeps what it states", () => {
		const resources = { requests: { cpu: "50m" }, limits: { memory: "2Gi" } };
		expect(withLimitDefaults({ model: "a/b", resources }, [defaults])).toEqual({
			model: "a/b",
			resources: { requests: { cpu: "50m", memory: "2Gi" }, limits: { cpu: "1", memory: "2Gi" } },
		});
	});

	test("that is no agent is left for the schema to refuse", () => {
		for (const spec of ["text", { resources: 5 }]) expect(withLimitDefaults(spec, [defaults])).toBe(spec);
	});
});

test("without defaults nothing is stated for an agent", () => {
	const spec = { model: "a/b" };
	expect(withLimitDefaults(spec, [{ type: "Pod", max: { cpu: "1" } }])).toBe(spec);
});

describe("an agent within bounds", () => {
	const item: LimitRangeItem = { type: "Container", min: { cpu: "100m" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "4" } };
	const problems = (requests: object, limits?: object) => limitProblems(resourcesSchema.parse({ requests, limits }), [item]);

	test("is let through", () => {
		expect(problems({ cpu: "250m" }, { cpu: "1" })).toEqual([]);
	});

	test.each([
		["asks for too little", { cpu: "50m" }, { cpu: "200m" }, ["minimum cpu usage per Container is 100m, but request is 50m"]],
		["may use too much", { cpu: "1" }, { cpu: "1500m" }, ["maximum cpu usage per Container is 1, but limit is 1500m"]],
		[
			"may use without bound",
			{ cpu: "100m" },
			undefined,
			[
				"maximum cpu usage per Container is 1.  No limit is specified",
				"cpu max limit to request ratio per Container is 4, but no request is specified or request is 0",
			],
		],
		[
			"may use far more than it asks for",
			{ cpu: "100m" },
			{ cpu: "1" },
			["cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000"],
		],
	])("is refused when it %s", (_, requests, limits, said) => {
		expect(problems(requests, limits)).toEqual(said);
	});
});
