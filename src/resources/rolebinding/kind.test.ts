import { expect, test } from "vitest";
import { clusterRoleBindingKind } from "../clusterrolebinding/kind.ts";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { roleBindingKind } from "./kind.ts";

const RBAC = "rbac.authorization.k8s.io";
const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: "view" };
const subjects = [
	{ kind: "User", name: "ana" },
	{ kind: "User", name: "bo" },
	{ kind: "Group", name: "dev" },
	{ kind: "ServiceAccount", name: "ci", namespace: "tools" },
];

test("users and groups are of RBAC's group, unless it is said", () => {
	const { apiGroup: _, ...bare } = roleRef;
	expect(admitted(roleBindingKind, { roleRef: bare, subjects })).toMatchObject({
		roleRef,
		subjects: [{ apiGroup: RBAC }, { apiGroup: RBAC }, { apiGroup: RBAC }, { kind: "ServiceAccount", name: "ci", namespace: "tools" }],
	});
});

test.each([
	["no role", { roleRef: undefined }, /^roleRef FieldValueRequired: /],
	["a role without a name", { roleRef: { kind: "Role" } }, "roleRef.name FieldValueRequired: Required value"],
	[
		"a role of another group",
		{ roleRef: { ...roleRef, apiGroup: "x" } },
		`roleRef.apiGroup FieldValueNotSupported: Unsupported value: "x": supported values: "${RBAC}"`,
	],
	[
		"a role that is none",
		{ roleRef: { ...roleRef, kind: "Agent" } },
		'roleRef.kind FieldValueNotSupported: Unsupported value: "Agent": supported values: "Role", "ClusterRole"',
	],
	[
		"a role with a slash",
		{ roleRef: { ...roleRef, name: "a/b" } },
		"roleRef.name FieldValueInvalid: Invalid value: \"a/b\": may not contain '/'",
	],
	["a subject of no kind", { subjects: [{ kind: "Robot", name: "a" }] }, /^subjects\[0\]\.kind FieldValueNotSupported: /],
	["a subject without a name", { subjects: [{ kind: "User" }] }, "subjects[0].name FieldValueRequired: Required value"],
	[
		"a ServiceAccount of nowhere",
		{ subjects: [{ kind: "ServiceAccount", name: "a" }] },
		"subjects[0].namespace FieldValueRequired: Required value",
	],
	[
		"a user of another group",
		{ subjects: [{ kind: "User", name: "a", apiGroup: "x" }] },
		/^subjects\[0\]\.apiGroup FieldValueNotSupported: /,
	],
])("%s is refused", (_, wrong, cause) => {
	const causes = causesIn(roleBindingKind, { roleRef, subjects, ...wrong });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("a ClusterRoleBinding binds no Role", () => {
	expect(causesIn(clusterRoleBindingKind, { roleRef: { ...roleRef, kind: "Role" } })).toEqual([
		'roleRef.kind FieldValueNotSupported: Unsupported value: "Role": supported values: "ClusterRole"',
	]);
});

test("the role of a binding does not change; who has it may", () => {
	for (const kind of [roleBindingKind, clusterRoleBindingKind]) {
		const old = admitted(kind, { roleRef, subjects });
		expect(causesOfChange(kind, old, { ...old, subjects: [] })).toEqual([]);
		expect(causesOfChange(kind, old, { ...old, roleRef: { ...roleRef, name: "admin" } })).toEqual([
			expect.stringMatching(/^roleRef FieldValueInvalid: Invalid value: .*: cannot change roleRef$/),
		]);
	}
});

test("columns", () => {
	for (const kind of [roleBindingKind, clusterRoleBindingKind]) {
		expect(headings(kind)).toBe("NAME  ROLE  AGE");
		expect(headings(kind, true)).toBe("NAME  ROLE  AGE  USERS  GROUPS  SERVICEACCOUNTS");
		expect(printed(kind, admitted(kind, { roleRef, subjects }))).toBe("x  ClusterRole/view  5m  ana, bo  dev  tools/ci");
	}
});
