import { CliError } from "../../errors.ts";
import { commaList } from "../../write/write-options.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";

export const createQuota: Generator<GeneratorFlags & { hard?: string[]; scopes?: string[] }> = {
	name: "quota",
	aliases: ["resourcequota"],
	description: "create a ResourceQuota",
	refused: "failed to create quota:",
	kind: { group: "", version: "v1", kind: "ResourceQuota", plural: "resourcequotas", namespaced: true },
	options(command) {
		command
			.option("--hard <limits>", "what there may be at most, for example count/agents.klaw.sh=10,cpu=4", commaList)
			.option("--scopes <names>", "which objects it is about", commaList);
	},
	object({ hard, scopes }) {
		const limits = (hard ?? []).map((word) => {
			const [resource, quantity, ...more] = word.split("=");
			if (!resource || !quantity || more.length > 0) throw new CliError(`Invalid argument syntax ${word}, expected <resource>=<value>`);
			return [resource, quantity] as const;
		});
		return { spec: { ...(limits.length > 0 && { hard: Object.fromEntries(limits) }), ...(scopes && { scopes }) }, status: {} };
	},
};
