import { parseDocument } from "yaml";
import * as z from "zod";

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;

/** What Agent Skills allow as a name: up to 64 of a-z, 0-9 and single hyphens between them. */
export const SKILL_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
export const SKILL_NAME_LIMIT = 64;

/** The front matter of a SKILL.md. Fields that the standard does not name are left alone. */
const frontMatterSchema = z.looseObject({
	name: z
		.string("name must be text")
		.max(SKILL_NAME_LIMIT, `name must be no more than ${SKILL_NAME_LIMIT} characters`)
		.regex(SKILL_NAME, "name must consist of a-z, 0-9 and single hyphens between them"),
	description: z
		.string("description must say what the skill is for")
		.max(1024, "description must be no more than 1024 characters")
		.regex(/\S/, "description must not be blank"),
	compatibility: z.string("compatibility must be text").max(500, "compatibility must be no more than 500 characters").optional(),
	license: z.string("license must be text").optional(),
});
export type FrontMatter = z.output<typeof frontMatterSchema>;

/** Reads the front matter of a SKILL.md, or says what is wrong with it. */
export function frontMatter(text: string): { data: FrontMatter } | { problem: string } {
	const match = FRONT_MATTER.exec(text);
	if (!match) return { problem: "SKILL.md must begin with YAML front matter between two lines of ---, with a name and a description" };
	const document = parseDocument(match[1] ?? "", { strict: true, uniqueKeys: true });
	const [error] = document.errors;
	if (error) return { problem: `the front matter is no YAML: ${error.message.split("\n")[0]}` };
	const parsed = frontMatterSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
	if (parsed.success) return { data: parsed.data };
	return { problem: `in the front matter, ${parsed.error.issues[0]?.message}` };
}
