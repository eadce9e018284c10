import { describe, expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { skillFiles, skillKind } from "./kind.ts";

const content = "---\nname: code-review\ndescription: Reviews code.\nlicense: MIT\n---\nRead it twice.\n";
const named = { name: "code-review" };
const withFront = (front: string) => ({ content: `---\n${front}\n---\n` });

test("a skill is a SKILL.md, alone or among files", () => {
	expect(skillFiles(admitted(skillKind, { spec: { content } }, named).spec)).toEqual({ "SKILL.md": content });
	const files = { "SKILL.md": content, "scripts/check.sh": "true" };
	expect(causesIn(skillKind, { spec: { files } }, named)).toEqual([]);
	expect(skillFiles(admitted(skillKind, { spec: { files } }, named).spec)).toEqual(files);
});

describe("what is no skill is refused:", () => {
	test.each([
		["nothing", {}, "spec.content FieldValueRequired: Required value: must have content or files"],
		[
			"both forms",
			{ content, files: { "SKILL.md": content } },
			"spec.content FieldValueForbidden: Forbidden: may not be set when `files` is set",
		],
		[
			"files without SKILL.md",
			{ files: { "a.md": "" } },
			"spec.files[SKILL.md] FieldValueRequired: Required value: a skill has a SKILL.md",
		],
		[
			"over 1 MiB",
			{ content: content + "x".repeat(1024 * 1024) },
			"spec.content FieldValueTooLong: Too long: may not be more than 1048576 bytes",
		],
		["no front matter", { content: "Read it." }, /^spec\.content FieldValueInvalid: .*must begin with YAML front matter/],
		["front matter that is no YAML", withFront("name: [a"), /^spec\.content FieldValueInvalid: .*is no YAML: /],
		["no description", withFront("name: code-review"), /description must say what the skill is for$/],
		["a long description", withFront(`name: code-review\ndescription: ${"x".repeat(1025)}`), /no more than 1024 characters$/],
		[
			"another name",
			withFront("name: other\ndescription: d"),
			/"other": the name in the front matter must be the object's name, "code-review"$/,
		],
		["a name with two hyphens", withFront("name: a--b\ndescription: d"), /name must consist of a-z, 0-9 and single hyphens between them$/],
		[
			"a long compatibility",
			withFront(`name: code-review\ndescription: d\ncompatibility: ${"x".repeat(501)}`),
			/no more than 500 characters$/,
		],
	])("%s", (_, spec, cause) => {
		const causes = causesIn(skillKind, { spec }, named);
		expect(causes).toHaveLength(1);
		expect(causes[0]).toMatch(cause);
	});

	test.each(["../x", "/etc/passwd", "a//b", "a/./b", "a\\b", "a\nb", "a/.."])("the path %j", (path) => {
		const causes = causesIn(skillKind, { spec: { files: { "SKILL.md": content, [path]: "" } } }, named);
		expect(causes).toEqual([
			expect.stringContaining(`spec.files[${path}] FieldValueInvalid: Invalid value: ${JSON.stringify(path)}: must `),
		]);
	});

	test.each(["a.b", "a--b", "x".repeat(65)])("the name %s", (name) => {
		const front = `---\nname: code-review\ndescription: d\n---\n`;
		expect(causesIn(skillKind, { spec: { content: front } }, { name })).toEqual([
			expect.stringMatching(/^metadata\.name FieldValueInvalid: .*must be the name of an Agent Skill/),
		]);
	});
});

test("columns", () => {
	expect(headings(skillKind)).toBe("NAME  FILES  DIGEST  AGE");
	expect(headings(skillKind, true)).toBe("NAME  FILES  DIGEST  AGE  DESCRIPTION");
	const skill = admitted(skillKind, { spec: { content } }, named);
	expect(printed(skillKind, skill)).toBe("code-review  1  <none>  5m  Reviews code.");
	expect(printed(skillKind, { ...skill, status: { digest: "0123456789abcdef" } })).toBe("code-review  1  0123456789ab  5m  Reviews code.");
});
