import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { modelRouteKind } from "./kind.ts";

const price = { input: 3, output: 15, cacheRead: 0.3 };
const backends = [
	{ model: "anthropic/claude-sonnet-5-5", weight: 9, price, residency: "eu", secretRef: { name: "anthropic" } },
	{ model: "offline/shell", free: true },
];

test("a route needs one backend", () => {
	expect(admitted(modelRouteKind, { spec: { backends: [{ model: "offline/shell" }] } }).spec).toEqual({
		backends: [{ model: "offline/shell", weight: 1, free: false }],
		fallbacks: [],
	});
});

test.each([
	["no backend", { backends: [] }, /^spec\.backends FieldValueInvalid: /],
	["a backend without a model", { backends: [{}] }, /^spec\.backends\[0\]\.model FieldValueRequired: /],
	["a negative weight", { backends: [{ model: "a/b", weight: -1 }] }, /^spec\.backends\[0\]\.weight FieldValueInvalid: /],
	[
		"a price with no output",
		{ backends: [{ model: "a/b", price: { input: 1 } }] },
		/^spec\.backends\[0\]\.price\.output FieldValueRequired: /,
	],
	[
		"a negative price",
		{ backends: [{ model: "a/b", price: { input: -1, output: 1 } }] },
		/^spec\.backends\[0\]\.price\.input FieldValueInvalid: /,
	],
	[
		"a price of what is free",
		{ backends: [{ model: "a/b", price, free: true }] },
		"spec.backends[0].price FieldValueForbidden: Forbidden: may not be set when `free` is true",
	],
	[
		"a fallback that is no backend",
		{ backends, fallbacks: ["x/y"] },
		'spec.fallbacks[0] FieldValueNotSupported: Unsupported value: "x/y": supported values: "anthropic/claude-sonnet-5-5", "offline/shell"',
	],
	["a residency that nobody has", { backends, residency: "us" }, /^spec\.residency FieldValueInvalid: Invalid value: "us": no backend/],
	[
		"a secret without a name",
		{ backends: [{ model: "a/b", secretRef: {} }] },
		/^spec\.backends\[0\]\.secretRef\.name FieldValueRequired: /,
	],
])("%s is refused", (_, spec, cause) => {
	const causes = causesIn(modelRouteKind, { spec });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("columns", () => {
	expect(headings(modelRouteKind)).toBe("NAME  BACKENDS  RESIDENCY  AGE");
	expect(headings(modelRouteKind, true)).toBe("NAME  BACKENDS  RESIDENCY  AGE  MODELS  FALLBACKS");
	const route = admitted(modelRouteKind, { spec: { backends, residency: "eu", fallbacks: ["offline/shell"] } });
	expect(printed(modelRouteKind, route)).toBe("x  anthropic/claude-sonnet-5-5,offline/shell  eu  5m  <none>  offline/shell");
});
