import { describe, expect, test } from "vitest";
import { configKeyProblem, generateName, labelValueProblem, nameProblem, qualifiedNameProblem } from "./name.ts";

describe("a subdomain", () => {
	test.each(["a", "a-b", "a.b", "1.2", "x".repeat(253)])("may be %s", (name) => {
		expect(nameProblem("subdomain", name)).toBeUndefined();
	});

	test.each(["", "A", "a/b", "a_b", "-a", "a-", ".a", "a.", "a..b", "a.-b", "ä", "a b", "a\n", "../x"])("may not be %j", (name) => {
		expect(nameProblem("subdomain", name)).toMatch(/^a lowercase RFC 1123 subdomain must consist of/);
	});

	test("has at most 253 characters", () => {
		expect(nameProblem("subdomain", "x".repeat(254))).toBe("must be no more than 253 characters");
	});
});

describe("a label", () => {
	test("has at most 63 characters and no dots", () => {
		expect(nameProblem("label", "x".repeat(63))).toBeUndefined();
		expect(nameProblem("label", "x".repeat(64))).toBe("must be no more than 63 characters");
		expect(nameProblem("label", "a.b")).toMatch(/^a lowercase RFC 1123 label/);
	});
});

test("a problem is said in Kubernetes' words", () => {
	expect(nameProblem("subdomain", "A")).toBe(
		"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
	);
	expect(labelValueProblem("-")).toBe(
		"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
	);
});

test("a part of a path may be anything but a path", () => {
	for (const name of ["a", "system:auth", "A b", "..."]) expect(nameProblem("path", name)).toBeUndefined();
	for (const name of [".", "..", "a/b", "a%2f", "x".repeat(254)]) expect(nameProblem("path", name)).toBeDefined();
});

test("the key of a ConfigMap is a file name", () => {
	for (const key of ["SOUL", "tls.crt", "a_b-c", ".hidden", "x".repeat(253)]) expect(configKeyProblem(key)).toBeUndefined();
	for (const key of ["", ".", "..", "..a", "a/b", "a b", "x".repeat(254)]) expect(configKeyProblem(key)).toBeDefined();
});

describe("the key of a label", () => {
	test.each(["app", "app.kubernetes.io/name", "A_b-c.d", "x".repeat(63)])("may be %s", (key) => {
		expect(qualifiedNameProblem(key)).toBeUndefined();
	});

	test.each([
		["", "name part must be non-empty"],
		["a/", "name part must be non-empty"],
		["/a", "prefix part a lowercase RFC 1123 subdomain"],
		["A/b", "prefix part a lowercase RFC 1123 subdomain"],
		["a/b/c", "a qualified name must consist of"],
		["-a", "name part must consist of"],
		["x".repeat(64), "name part must be no more than 63 characters"],
		["__proto__", "name part must consist of"],
	])("may not be %j", (key, problem) => {
		expect(qualifiedNameProblem(key)).toContain(problem);
	});
});

test("the value of a label may be empty, and has at most 63 characters", () => {
	for (const value of ["", "a", "A_b.c-d", "x".repeat(63)]) expect(labelValueProblem(value)).toBeUndefined();
	for (const value of ["x".repeat(64), "-a", "a b", "a/b"]) expect(labelValueProblem(value)).toBeDefined();
});

describe("a generated name", () => {
	test("is the stem and five characters of Kubernetes' alphabet", () => {
		expect(generateName("task-", () => 0)).toBe("task-bbbbb");
		expect(generateName("task-", () => 0.999)).toBe("task-99999");
	});

	test("never has more than 63 characters", () => {
		expect(generateName("x".repeat(200), () => 0)).toHaveLength(63);
	});
});
