import { expect, test } from "vitest";
import { admitted, CREATED, causesIn, headings, printed } from "../test-kind.ts";
import { limitRangeKind } from "./kind.ts";

const limits = [{ type: "Container", default: { cpu: "1" }, defaultRequest: { cpu: "100m" }, min: { cpu: "50m" }, max: { cpu: "2" } }];

test("a LimitRange has defaults and bounds", () => {
	expect(admitted(limitRangeKind, { spec: { limits } }).spec.limits).toEqual(limits);
});

test.each([
	["an unknown type", [{ type: "Agent" }], /^spec\.limits\[0\]\.type FieldValueNotSupported: /],
	["no quantity", [{ type: "Pod", max: { cpu: "much" } }], /^spec\.limits\[0\]\.max\.cpu FieldValueInvalid: .*quantities must match/],
	[
		"defaults of whole pods",
		[{ type: "Pod", default: { cpu: "1" } }],
		"spec.limits[0].default FieldValueForbidden: Forbidden: may not be specified when `type` is 'Pod'",
	],
	[
		"a least above the most",
		[{ type: "Pod", min: { cpu: "3" }, max: { cpu: "2" } }],
		'spec.limits[0].min[cpu] FieldValueInvalid: Invalid value: "3": min value 3 is greater than max value 2',
	],
	[
		"a default request above the default limit",
		[{ type: "Container", defaultRequest: { cpu: "2" }, default: { cpu: "1" } }],
		'spec.limits[0].defaultRequest[cpu] FieldValueInvalid: Invalid value: "2": default request value 2 is greater than default value 1',
	],
])("%s is refused", (_, wrong, cause) => {
	const causes = causesIn(limitRangeKind, { spec: { limits: wrong } });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("columns", () => {
	expect(headings(limitRangeKind)).toBe("NAME  CREATED AT");
	expect(printed(limitRangeKind, admitted(limitRangeKind, { spec: { limits } }))).toBe(`x  ${CREATED}`);
});
