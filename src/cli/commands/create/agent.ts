import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CliError } from "../../errors.ts";
import { commaList } from "../../write/write-options.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";

interface AgentFlags extends GeneratorFlags {
	model?: string;
	instructions?: string;
	instructionsFile?: string;
	tools?: string[];
}

export const createAgent: Generator<AgentFlags> = {
	name: "agent",
	description: "create an agent; for more than these options, use apply",
	kind: { group: "klaw.sh", version: "v1", kind: "Agent", plural: "agents", namespaced: true },
	options(command) {
		command
			.option("--model <provider/model>", "default: the deployment's default model")
			.option("--instructions <text>", "what the agent is and how it works")
			.option("--instructions-file <file>", "the same, from a file")
			.option("--tools <names>", "with commas between; default: every tool", (text, before: string[] | undefined) =>
				commaList(text, before).map((name) => name.trim()),
			);
	},
	async object(flags, { cli }) {
		const instructions = await readInstructions(flags, cli.io.cwd);
		const { model, tools } = flags;
		return {
			spec: { ...(model !== undefined && { model }), ...(instructions !== undefined && { instructions }), ...(tools && { tools }) },
		};
	},
};

async function readInstructions(flags: AgentFlags, cwd: string): Promise<string | undefined> {
	if (flags.instructionsFile === undefined) return flags.instructions;
	if (flags.instructions !== undefined) throw new CliError("Give either --instructions or --instructions-file, not both.");
	try {
		return await readFile(resolve(cwd, flags.instructionsFile), "utf8");
	} catch (error) {
		throw new CliError(`The file ${flags.instructionsFile} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
}
