import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { parseResources, qualified, resourcePath, SESSION, TASK } from "../kinds.ts";

export function addCancel(program: Command, cli: Cli): void {
	program
		.command("cancel")
		.description("stop a task, or what a session is doing")
		.argument("<name>", "a task's name, task/NAME or session/NAME")
		.option("--reason <text>", "why, for whoever reads it later")
		.action(async (word: string, options: { reason?: string }, command: Command) => {
			const [target] = parseResources([word.includes("/") ? word : `task/${word}`]);
			const name = target?.names[0];
			if (!target || name === undefined || (target.kind !== TASK && target.kind !== SESSION))
				throw new CliError(`Tasks and sessions can be cancelled, "${word}" cannot. Give task/NAME or session/NAME.`);
			const { client, namespace } = await connect(command, cli.io);
			const answer = await client.json<{ cancelled?: string[] }>(`${resourcePath(target.kind, namespace, name)}/cancel`, {
				method: "POST",
				body: options.reason === undefined ? {} : { reason: options.reason },
			});
			const idle = target.kind === SESSION && answer.cancelled?.length === 0;
			cli.io.stdout.write(`${qualified(target.kind)}/${name} ${idle ? "was not doing anything" : "cancelled"}\n`);
		});
}
