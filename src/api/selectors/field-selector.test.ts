import { describe, expect, test } from "vitest";
import type { BaseResource } from "../../resources/resource.ts";
import { ApiError } from "../status.ts";
import { parseFieldSelector, selectedName } from "./field-selector.ts";

const kind = { selectableFields: { "status.phase": (object: BaseResource) => object.metadata.labels?.phase ?? "" } };

function object(name: string, phase: string): BaseResource {
	const metadata = { name, namespace: "a", uid: "u", resourceVersion: "1", creationTimestamp: "2026-11-22T08:00:00Z", labels: { phase } };
	return { apiVersion: "v1", kind: "Thing", metadata };
}

function messageOf(text: string): string {
	try {
		parseFieldSelector(text, kind);
	} catch (error) {
		if (error instanceof ApiError) return `${error.status.code} ${error.status.message}`;
		throw error;
	}
	return "parsed";
}

describe("a selector", () => {
	test.each([
		["", true],
		[",", true],
		["metadata.name=x", true],
		["metadata.name==x", true],
		["metadata.name!=x", false],
		["metadata.name=y", false],
		["metadata.namespace=a", true],
		["metadata.namespace!=a", false],
		["status.phase=Running", true],
		["status.phase!=Running", false],
		["metadata.name=x,status.phase!=Failed", true],
		["metadata.name=x,status.phase=Failed", false],
	])("%j of a running object x is %s", (text, matches) => {
		expect(parseFieldSelector(text, kind).matches(object("x", "Running"))).toBe(matches);
	});

	test("may have escaped commas, equal signs and backslashes in its values", () => {
		const selector = parseFieldSelector(String.raw`status.phase=a\,b\=c\\d,metadata.name=x`, kind);
		expect(selector.requirements).toEqual([
			{ field: "status.phase", operator: "=", value: "a,b=c\\d" },
			{ field: "metadata.name", operator: "=", value: "x" },
		]);
		expect(selector.matches(object("x", "a,b=c\\d"))).toBe(true);
	});

	test.each([
		["spec.foo=bar", "field label not supported: spec.foo"],
		["toString=bar", "field label not supported: toString"],
		["metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
		["metadata.name=x,y", "invalid selector: 'metadata.name=x,y'; can't understand 'y'"],
		["metadata.name=x=y", "invalid field selector: unescaped character in value: 61"],
		[String.raw`metadata.name=\n`, String.raw`invalid field selector: invalid escape sequence: \n`],
		["metadata.name=x\\", "invalid field selector: invalid escape sequence: \\"],
	])("%j is refused in Kubernetes' words", (text, message) => {
		expect(messageOf(text)).toBe(`400 ${message}`);
	});
});

test("the name that a selector pins down is what RBAC sees", () => {
	expect(selectedName("metadata.name=x")).toBe("x");
	expect(selectedName("status.phase=Running,metadata.name==x")).toBe("x");
	expect(selectedName("metadata.name!=x")).toBeUndefined();
	expect(selectedName("status.phase=Running")).toBeUndefined();
	expect(selectedName("metadata.name=x=y")).toBeUndefined();
	expect(selectedName(undefined)).toBeUndefined();
});
