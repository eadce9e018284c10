import type { Command } from "commander";
import { qualified, resourcePath } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { taskOrSession } from "../kinds.ts";
import { isOver, type TaskObject } from "../objects.ts";

export function addCancel(program: Command, cli: Cli): void {
	program
		.command("cancel")
		.description("stop a task, or what a session is doing")
		.argument("<what>", "a task's name, task/NAME or session/NAME; or a kind, before its name")
		.argument("[name]")
		.option("--reason <text>", "why, for whoever reads it later")
		.action(async (word: string, named: string | undefined, options: { reason?: string }, command: Command) => {
			const target = taskOrSession(named === undefined ? (word.includes("/") ? word : `task/${word}`) : `${word}/${named}`);
			if (!target) throw new CliError(`Tasks and sessions can be cancelled, "${word}" cannot. Give task/NAME or session/NAME.`);
			const { client, namespace } = await connect(command, cli.io);
			const answer = await client.json<Answer>(`${resourcePath(target.resource, namespace, target.name)}/cancel`, {
				method: "POST",
				body: options.reason === undefined ? {} : { reason: options.reason },
			});
			cli.io.stdout.write(`${qualified(target.resource)}/${target.name} ${outcome(answer)}\n`);
		});
}

/** A session's, or the task. */
type Answer = { cancelled: string[] } | TaskObject;

function outcome(answer: Answer): string {
	if ("cancelled" in answer) return answer.cancelled.length === 0 ? "was not doing anything" : "cancelled";
	const phase = answer.status?.phase;
	// A task that is Cancelled may have been so before: to whoever wants that it is all the same.
	return isOver(answer) && phase !== "Cancelled" ? `was already ${phase}` : "cancelled";
}
