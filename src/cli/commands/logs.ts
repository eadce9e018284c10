import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { ApiClient } from "../api-client.ts";
import { resourcePath } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { follow, isJournaled } from "../follow.ts";
import { invocation } from "../invocation.ts";
import { SESSION, TASK, taskOrSession } from "../kinds.ts";
import { isOver, type TaskObject } from "../objects.ts";
import { LiveLog } from "../output/live-log.ts";
import { formatLogEntry } from "../output/log-entry.ts";
import { tryingAgain } from "../persist.ts";

interface LogsOptions {
	follow?: boolean;
	sinceSeq: number;
	output?: "json";
}

/** A server that was there once is waited for this long; one that was never there, not at all. */
const PATIENCE = { first: 0, later: 5 * 60_000 };
const POLL_MS = 250;

export function addLogs(program: Command, cli: Cli): void {
	program
		.command("logs")
		.description("print the journal of a session, or of a task's run: every event once")
		.argument("<name>", "a session's name, session/NAME or task/NAME")
		.option("-f, --follow", "go on with what comes; a task's logs end with its run")
		.option("--since-seq <number>", "only events after this sequence number", sequenceNumber, 0)
		.option("-o, --output <format>", "json: one event a line", outputOption)
		.action(async (word: string, options: LogsOptions, command: Command) => {
			const { client, namespace } = await connect(command, cli.io);
			const stop = new AbortController();
			const forget = cli.io.onInterrupt(() => stop.abort());
			try {
				const source = await findSource(client, namespace, word, options.follow === true, stop.signal);
				if (!source) {
					cli.io.stderr.write(
						`${word} has no run yet, so there are no logs. To wait for them: ${invocation(cli.io.env)} logs -f ${word}\n`,
					);
					return;
				}
				const items = follow(client, {
					...source,
					namespace,
					after: options.sinceSeq,
					follow: options.follow === true,
					signal: stop.signal,
					patience: PATIENCE,
					onLost: (error) => cli.io.stderr.write(`${tryingAgain(error)}\n`),
				});
				const { stdout } = cli.io;
				// A program that reads the log wants whole events; a person wants to see that something goes on.
				const live = options.follow && stdout.isTTY && options.output === undefined ? new LiveLog() : undefined;
				try {
					for await (const item of items) {
						if (live) stdout.write(live.push(item));
						else if (isJournaled(item)) stdout.write(options.output === "json" ? `${JSON.stringify(item)}\n` : formatLogEntry(item));
					}
				} finally {
					if (live) stdout.write(live.end());
				}
			} finally {
				forget();
			}
		});
}

/** The session to read, and the run when a task was named. `undefined`: the task has not begun. */
async function findSource(
	client: ApiClient,
	namespace: string,
	word: string,
	wait: boolean,
	signal: AbortSignal,
): Promise<{ session: string; run?: string } | undefined> {
	const target = taskOrSession(word.includes("/") ? word : `session/${word}`);
	if (target?.resource === SESSION) return { session: target.name };
	if (!target) throw new CliError(`Sessions and tasks have logs, "${word}" has none. Give a session's name, session/NAME or task/NAME.`);
	while (!signal.aborted) {
		const task = await client.json<TaskObject>(resourcePath(TASK, namespace, target.name), { signal });
		const { session, run } = task.status ?? {};
		if (session !== undefined && run !== undefined) return { session, run };
		if (!wait || isOver(task)) return undefined;
		await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
	}
	return undefined;
}

function sequenceNumber(text: string): number {
	if (/^\d{1,15}$/.test(text)) return Number(text);
	throw new InvalidArgumentError("It must be a sequence number, such as 12.");
}

function outputOption(text: string): "json" {
	if (text === "json") return text;
	throw new InvalidArgumentError("It must be json.");
}
