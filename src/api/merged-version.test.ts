import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMergedVersion, encodeMergedVersion, laterVersion } from "./merged-version.ts";

const namespaces = fc
	.dictionary(fc.oneof(fc.constant("constructor"), fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/)), fc.nat().map(String))
	.map((versions) => new Map(Object.entries(versions)));

test("a merged version comes back as it went", () => {
	fc.assert(
		fc.property(namespaces, (versions) => {
			const text = encodeMergedVersion(versions);
			expect(text).toMatch(/^m\.[A-Za-z0-9_-]+$/);
			expect(decodeMergedVersion(text)).toEqual(versions);
		}),
	);
});

test("the order in which namespaces were read does not matter", () => {
	const pairs: [string, string][] = [
		["a", "1"],
		["b", "2"],
	];
	expect(encodeMergedVersion(new Map(pairs))).toBe(encodeMergedVersion(new Map(pairs.toReversed())));
});

describe("what is no merged version is refused", () => {
	test.each(["", "17", "m.", "m.!", "m.e30=", `m.${btoa("[]")}`, `m.${btoa('{"a":1}')}`, `m.${btoa('{"a":"-1"}')}`, `m.${btoa("{")}`])(
		"%s",
		(text) => {
			expect(decodeMergedVersion(text)).toBeUndefined();
		},
	);
});

test("versions are compared as numbers", () => {
	expect(laterVersion("9", "10")).toBe("10");
	expect(laterVersion("10", "9")).toBe("10");
	expect(laterVersion("", "3")).toBe("3");
});
