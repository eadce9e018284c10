import { CliError } from "../../errors.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";

interface TaskFlags extends GeneratorFlags {
	agent?: string;
	model?: string;
	prompt?: string;
}

export const createTask: Generator<TaskFlags> = {
	name: "task",
	description: "create a task; to watch it run, use dispatch",
	kind: { group: "klaw.sh", version: "v1", kind: "Task", plural: "tasks", namespaced: true },
	options(command) {
		command
			.option("--agent <name>", "agent that does it; default: default")
			.option("--model <provider/model>", "default: that of the agent")
			.option("--prompt <text>", "what is to be done");
	},
	object({ agent, model, prompt }) {
		if (prompt === undefined) throw new CliError("--prompt must be specified: say what is to be done");
		return { spec: { ...(agent !== undefined && { agent }), ...(model !== undefined && { model }), prompt } };
	},
};
