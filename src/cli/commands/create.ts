import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { AGENT, qualified, resourcePath } from "../kinds.ts";
import type { KubeObject } from "../objects.ts";
import { type Format, parseFormat, writeObject } from "../output/format.ts";

interface CreateAgentOptions {
	model?: string;
	instructions?: string;
	instructionsFile?: string;
	tools?: string[];
	output?: Format;
}

export function addCreate(program: Command, cli: Cli): void {
	program
		.command("create")
		.description("create an object; for more than these options, use apply")
		.command("agent")
		.description("create an agent")
		.argument("<name>")
		.option("--model <provider/model>", "default: the deployment's default model")
		.option("--instructions <text>", "what the agent is and how it works")
		.option("--instructions-file <file>", "the same, from a file")
		.option("--tools <names>", "comma-separated; default: every tool", (text) => text.split(",").map((name) => name.trim()))
		.option("-o, --output <format>", "json, yaml, name or jsonpath=TEMPLATE", parseFormat)
		.action(async (name: string, options: CreateAgentOptions, command: Command) => {
			const instructions = await readInstructions(options, cli.io.cwd);
			const { client, namespace } = await connect(command, cli.io);
			const agent = await client.json<KubeObject>(resourcePath(AGENT, namespace), {
				method: "POST",
				body: {
					apiVersion: AGENT.apiVersion,
					kind: AGENT.kind,
					metadata: { name, namespace },
					spec: { model: options.model, instructions, tools: options.tools },
				},
			});
			if (options.output) writeObject(cli.io.stdout, agent, options.output);
			else cli.io.stdout.write(`${qualified(AGENT)}/${agent.metadata.name} created\n`);
		});
}

async function readInstructions(options: CreateAgentOptions, cwd: string): Promise<string | undefined> {
	if (options.instructionsFile === undefined) return options.instructions;
	if (options.instructions !== undefined) throw new CliError("Give either --instructions or --instructions-file, not both.");
	try {
		return await readFile(resolve(cwd, options.instructionsFile), "utf8");
	} catch (error) {
		throw new CliError(`The file ${options.instructionsFile} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
}
