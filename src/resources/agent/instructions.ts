import * as z from "zod";

/** Characters of a system prompt. */
export const INSTRUCTIONS_LIMIT = 262_144;

/** Keys of a ConfigMap that are parts of the instructions, in the order in which the model reads them. */
export const INSTRUCTION_PARTS = ["SOUL", "AGENTS", "TOOLS", "USER", "MEMORY"] as const;

export const instructionsRefSchema = z.strictObject({
	configMapRef: z
		.strictObject({ name: z.string().min(1).max(253).describe("Name of the ConfigMap, in the agent's namespace") })
		.describe(`A ConfigMap whose keys ${INSTRUCTION_PARTS.join(", ")} are the parts of the instructions; each may be missing`),
});

/** Either form as a whole: nothing is left of one when the other takes its place. */
export const instructionsSchema = z
	.union([z.string().max(INSTRUCTIONS_LIMIT), instructionsRefSchema])
	.meta({ "x-kubernetes-map-type": "atomic" });
export type Instructions = z.output<typeof instructionsSchema>;

/** What is read from a ConfigMap: its parts in order, with an empty line between them. Other keys are not instructions. */
export function instructionsFrom(data: Readonly<Record<string, string>>): string {
	return INSTRUCTION_PARTS.map((part) => (data[part] ?? "").trim())
		.filter((text) => text !== "")
		.join("\n\n");
}
