import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { ageColumn, NONE } from "../columns.ts";
import { conditionsSchema } from "../conditions.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { shown } from "../metadata.ts";
import type { BaseResource } from "../resource.ts";
import { filesCauses, SKILL_MD } from "./files.ts";
import { frontMatter, SKILL_NAME, SKILL_NAME_LIMIT } from "./skill-md.ts";

const skillSpecSchema = z.strictObject({
	content: z.string().optional().describe("The SKILL.md, for a skill that is nothing else; at most 1 MiB"),
	files: z.record(z.string(), z.string()).optional().describe("Files by path, with SKILL.md among them; at most 1 MiB together"),
});
export type SkillSpec = z.output<typeof skillSpecSchema>;

const skillStatusSchema = z.object({
	digest: z.string().optional().describe("SHA-256 of the files: what agents that load it are pinned to"),
	description: z.string().optional().describe("What the skill says of itself"),
	conditions: conditionsSchema.optional(),
});

export interface Skill extends BaseResource {
	spec: SkillSpec;
	status?: z.output<typeof skillStatusSchema>;
}

export const skillKind: KindDefinition<Skill> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Skill",
	plural: "skills",
	singular: "skill",
	shortNames: ["sk"],
	categories: ["klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A Skill is a bundle in the Agent Skills format: a SKILL.md and the files that it speaks of, pinned by digest.",
	names: "subdomain",
	schema: z.strictObject({ spec: skillSpecSchema.describe("The bundle") }),
	status: skillStatusSchema,
	validate: ({ metadata, spec }) => {
		const causes = [...nameCauses(metadata.name), ...filesCauses(spec)];
		return causes.length > 0 ? causes : skillMdCauses(metadata.name, spec);
	},
	warnings: () => ["a Skill is kept and checked, and does not act yet"],
	columns: [
		{ name: "Files", type: "integer", description: "How many files it has", cell: ({ spec }) => Object.keys(skillFiles(spec)).length },
		{ name: "Digest", type: "string", description: "Digest of its files", cell: ({ status }) => status?.digest?.slice(0, 12) ?? NONE },
		ageColumn,
		{ name: "Description", type: "string", description: "What it says of itself", priority: 1, cell: ({ spec }) => descriptionOf(spec) },
	],
};

/** The bundle's files by path, in either form. */
export function skillFiles({ content, files }: SkillSpec): Record<string, string> {
	return files ?? { [SKILL_MD]: content ?? "" };
}

function descriptionOf(spec: SkillSpec): string {
	const read = frontMatter(skillFiles(spec)[SKILL_MD] ?? "");
	return "data" in read ? read.data.description : NONE;
}

function nameCauses(name: string | undefined): Cause[] {
	if (name === undefined || (name.length <= SKILL_NAME_LIMIT && SKILL_NAME.test(name))) return [];
	const rule = `must be the name of an Agent Skill: at most ${SKILL_NAME_LIMIT} characters, a-z, 0-9 and single hyphens between them`;
	return [{ reason: "FieldValueInvalid", field: "metadata.name", message: `Invalid value: ${shown(name)}: ${rule}` }];
}

function skillMdCauses(name: string | undefined, spec: SkillSpec): Cause[] {
	const field = spec.files === undefined ? "spec.content" : `spec.files[${SKILL_MD}]`;
	const text = skillFiles(spec)[SKILL_MD] ?? "";
	const read = frontMatter(text);
	if ("problem" in read) return [{ reason: "FieldValueInvalid", field, message: `Invalid value: ${shown(text)}: ${read.problem}` }];
	if (name === undefined || read.data.name === name) return [];
	const message = `Invalid value: ${shown(read.data.name)}: the name in the front matter must be the object's name, ${shown(name)}`;
	return [{ reason: "FieldValueInvalid", field, message }];
}
