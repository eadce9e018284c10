import { describe, expect, test } from "vitest";
import { impersonated, impersonation } from "./impersonation.ts";

const asked = (headers: Record<string, string> | [string, string][]) => impersonation(new Headers(headers));
const needs = (headers: Record<string, string>) =>
	asked(headers)?.needs.map(({ group, resource, namespace, name }) => `${group}/${resource} ${namespace}/${name}`);

test("without the headers nobody is impersonated", () => {
	expect(asked({ Authorization: "Bearer x" })).toBeUndefined();
});

test("everything that is taken on must be allowed", () => {
	expect(
		needs({
			"Impersonate-User": "jane",
			"Impersonate-Uid": "u1",
			"Impersonate-Group": "dev, ops",
			"Impersonate-Extra-scopes": "view",
			"Impersonate-Extra-acme.com%2Fproject": "p",
		}),
	).toEqual([
		"/users /jane",
		"/groups /dev",
		"/groups /ops",
		"authentication.k8s.io/uids /u1",
		"authentication.k8s.io/userextras/acme.com/project /p",
		"authentication.k8s.io/userextras/scopes /view",
	]);
	expect(asked({ "Impersonate-User": "jane" })?.needs.every(({ verb }) => verb === "impersonate")).toBe(true);
});

test("a ServiceAccount is asked for in its namespace", () => {
	expect(needs({ "Impersonate-User": "system:serviceaccount:a:builder" })).toEqual(["/serviceaccounts a/builder"]);
});

test.each(["system:serviceaccount:lab/default:x", "system:serviceaccount:A:x", "system:serviceaccount:a:x/y"])(
	"%s is no ServiceAccount, and asked for as a user",
	(user) => {
		expect(needs({ "Impersonate-User": user })).toEqual([`/users /${user}`]);
		expect(asked({ "Impersonate-User": user })?.groups).toEqual(["system:authenticated"]);
	},
);

describe("with the name come its groups", () => {
	test.each([
		["jane", {}, ["system:authenticated"]],
		["jane", { "Impersonate-Group": "dev" }, ["dev", "system:authenticated"]],
		["system:anonymous", {}, ["system:unauthenticated"]],
		["system:serviceaccount:a:b", {}, ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"]],
		["system:serviceaccount:a:b", { "Impersonate-Group": "dev" }, ["dev", "system:authenticated"]],
	])("%s %j", (user, more, groups) => {
		expect(asked({ "Impersonate-User": user, ...more } as Record<string, string>)?.groups).toEqual(groups);
	});
});

test("who really asked is not forgotten", () => {
	const to = asked({ "Impersonate-User": "jane", "Impersonate-Uid": "u1" });
	if (!to) throw new Error("nobody");
	expect(impersonated(to, { user: "root", groups: [] })).toEqual({
		user: "jane",
		groups: ["system:authenticated"],
		uid: "u1",
		impersonatedBy: "root",
	});
});

test.each(["Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-a"])("%s without a user is a 400", (header) => {
	expect(() => asked({ [header]: "x" })).toThrow(/^requested \[.+\] without impersonating a user$/);
});
