import { expect, test } from "vitest";
import { clusterRoleKind } from "../clusterrole/kind.ts";
import { admitted, CREATED, causesIn, headings, printed } from "../test-kind.ts";
import { roleKind } from "./kind.ts";

const rules = [{ verbs: ["get"], apiGroups: ["klaw.sh"], resources: ["agents"], resourceNames: ["coder"] }];
const urls = [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }];

test("a role may have a colon in its name, and no slash", () => {
	expect(causesIn(roleKind, { rules }, { name: "system:auth" })).toEqual([]);
	expect(causesIn(roleKind, { rules }, { name: "a/b" })).toEqual([
		"metadata.name FieldValueInvalid: Invalid value: \"a/b\": may not contain '/'",
	]);
	expect(causesIn(roleKind, { rules }, { name: "a%b" })).toEqual([
		"metadata.name FieldValueInvalid: Invalid value: \"a%b\": may not contain '%'",
	]);
	expect(causesIn(roleKind, { rules }, { name: ".." })).toEqual([
		"metadata.name FieldValueInvalid: Invalid value: \"..\": may not be '..'",
	]);
});

test.each([
	[
		"no verbs",
		[{ apiGroups: [""], resources: ["pods"] }],
		"rules[0].verbs FieldValueRequired: Required value: verbs must contain at least one value",
	],
	[
		"no groups",
		[{ verbs: ["get"], resources: ["pods"] }],
		"rules[0].apiGroups FieldValueRequired: Required value: resource rules must supply at least one api group",
	],
	[
		"no resources",
		[{ verbs: ["get"], apiGroups: [""] }],
		"rules[0].resources FieldValueRequired: Required value: resource rules must supply at least one resource",
	],
	[
		"paths in a namespace",
		urls,
		'rules[0].nonResourceURLs FieldValueInvalid: Invalid value: ["/metrics"]: namespaced rules cannot apply to non-resource URLs',
	],
])("a rule with %s is refused", (_, wrong, cause) => {
	expect(causesIn(roleKind, { rules: wrong })).toEqual([cause]);
});

test("a ClusterRole may speak of paths, but not of paths and resources at once", () => {
	expect(causesIn(clusterRoleKind, { rules: urls })).toEqual([]);
	expect(causesIn(clusterRoleKind, { rules: [{ ...rules[0], ...urls[0] }] })).toEqual([
		'rules[0].nonResourceURLs FieldValueInvalid: Invalid value: ["/metrics"]: rules cannot apply to both regular resources and non-resource URLs',
	]);
});

test("an aggregated ClusterRole says which roles it is made of", () => {
	const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { "rbac.klaw.sh/aggregate-to-view": "true" } }] };
	expect(admitted(clusterRoleKind, { aggregationRule })).toMatchObject({ aggregationRule, rules: [] });
	expect(causesIn(clusterRoleKind, { aggregationRule: {} })).toEqual([
		"aggregationRule.clusterRoleSelectors FieldValueRequired: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil",
	]);
});

test("columns", () => {
	for (const kind of [roleKind, clusterRoleKind]) {
		expect(headings(kind)).toBe("NAME  CREATED AT");
		expect(printed(kind, admitted(kind, { rules }))).toBe(`x  ${CREATED}`);
	}
});
