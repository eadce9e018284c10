import { expect, test } from "vitest";
import { ApiError } from "../status.ts";
import { applyConfiguration } from "./apply.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { checkNesting, NESTING_LIMIT } from "./nesting.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
const BOTTOMLESS = nested(100_000);

test.each<[string, () => unknown]>([
	["merge patch", () => applyMergePatch({}, BOTTOMLESS)],
	["strategic merge patch", () => applyStrategicMergePatch({}, BOTTOMLESS, {})],
	["JSON patch", () => applyJsonPatch({}, [{ op: "add", path: "/a", value: BOTTOMLESS }])],
	[
		"JSON patch that copies a value into itself",
		() => applyJsonPatch({ a: nested(150) }, [{ op: "copy", from: "/a", path: `/a${"/a".repeat(150)}` }]),
	],
	[
		"JSON patch that doubles the depth of a value again and again",
		() =>
			applyJsonPatch(
				{ a: {} },
				Array.from({ length: 20 }, (_, step) => ({ op: "copy", from: "/a", path: "/a".repeat(2 ** step + 1) })),
			),
	],
	[
		"applied configuration",
		() => applyConfiguration({ live: undefined, config: BOTTOMLESS, manager: "m", force: false, schema: {}, apiVersion: "v1", now: 0 }),
	],
])("a %s without a bottom is refused", (_, patch) => {
	expect(patch).toThrow(expect.toSatisfy((error: unknown) => error instanceof ApiError && error.status.code === 400));
});

test("the limit itself is allowed", () => {
	expect(() => checkNesting(nested(NESTING_LIMIT))).not.toThrow();
	expect(() => checkNesting(nested(NESTING_LIMIT + 1))).toThrow("json: exceeded max depth");
});
