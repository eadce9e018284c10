import { expect, it } from "vitest";
import { explain } from "./explanation.ts";
import { Schemas } from "./schema.ts";

const tree = {
	description: "A tree.",
	type: "object",
	properties: { children: { type: "array", items: { $ref: "#/components/schemas/a.Tree" } }, leaf: { type: "boolean" } },
	"x-kubernetes-group-version-kind": [{ group: "a", version: "v1", kind: "Tree" }],
};
const schemas = new Schemas({ components: { schemas: { "a.Tree": tree } } });
const root = schemas.ofKind({ group: "a", version: "v1", kind: "Tree" });

it("a schema that is within itself is named once more, and not gone into for ever", () => {
	expect(root && explain(schemas, root, { recursive: true })).toBe(
		"DESCRIPTION:\n    A tree.\n    \nFIELDS:\n" +
			"  children\t<[]Tree>\n    children\t<[]Tree>\n    leaf\t<boolean>\n  leaf\t<boolean>\n\n",
	);
});

it("lines are as long as the terminal's, and a word that is longer has a line of its own", () => {
	const text = `${"word ".repeat(20)}${"x".repeat(90)} end`;
	const lines = explain(schemas, { description: text, type: "string" }, { field: "f" }).split("\n");
	expect(lines.slice(4, 8)).toEqual([
		`    ${"word ".repeat(15).trim()}`,
		`    ${"word ".repeat(5).trim()}`,
		`    ${"x".repeat(90)}`,
		"    end",
	]);
});

it("of many values a field shows the first four among others, and all where it is explained itself", () => {
	const phase = { description: "How it stands.", type: "string", enum: ["a", "b", "c", "d", "e"] };
	const four = { ...phase, enum: ["a", "b", "c", "d"] };
	const shown = explain(schemas, { type: "object", properties: { four, phase } });
	expect(shown.split("\n").filter((line) => line.includes("enum"))).toEqual(["  enum: a, b, c, d", "  enum: a, b, c, d, ...."]);
	expect(explain(schemas, phase, { field: "phase" })).toContain("ENUM:\n    a\n    b\n    c\n    d\n    e\n");
});

it("a kind that the document does not have is not found", () => {
	expect(schemas.ofKind({ group: "a", version: "v2", kind: "Tree" })).toBeUndefined();
});
