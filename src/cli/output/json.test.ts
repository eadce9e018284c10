import { expect, it } from "vitest";
import { formatJson } from "./json.ts";

it("keys are in order, also those that look like numbers, and four spaces deep", () => {
	expect(formatJson({ b: [1, { z: null }], "10": "x", "9": "y", a: {}, c: [] })).toBe(
		'{\n    "10": "x",\n    "9": "y",\n    "a": {},\n    "b": [\n        1,\n        {\n            "z": null\n        }\n    ],\n    "c": []\n}',
	);
});

it("characters that mean something to HTML are escaped, as kubectl does", () => {
	expect(formatJson("<a>&\u2028☃")).toBe('"\\u003ca\\u003e\\u0026\\u2028☃"');
});

it("without indentation it is one line", () => {
	expect(formatJson({ b: 1, a: [true, "x"] }, { indent: 0 })).toBe('{"a":[true,"x"],"b":1}');
});

it("what is undefined is not there", () => {
	expect(formatJson({ a: undefined, b: 1 }, { indent: 0 })).toBe('{"b":1}');
});
