import { randomBytes } from "node:crypto";
import { text as readAll } from "node:stream/consumers";
import { type Command, Option } from "commander";
import type { ApiClient } from "../api-client.ts";
import { apiVersionOf, qualified, resourcePath } from "../api-resource.ts";
import { type Cli, connect } from "../cli.ts";
import { durationOption } from "../duration.ts";
import { ApiError, CliError, ConnectionError } from "../errors.ts";
import { invocation } from "../invocation.ts";
import { TASK } from "../kinds.ts";
import { isOver, type TaskObject } from "../objects.ts";
import { type Format, parseFormat, writeObject } from "../output/format.ts";
import { persist, tryingAgain } from "../persist.ts";
import { withCode } from "../render/outcome.ts";
import { Screen } from "../render/screen.ts";
import { styleFor } from "../render/style.ts";
import { waitForTask } from "../task-wait.ts";

interface DispatchOptions {
	agent?: string;
	model?: string;
	name?: string;
	session?: string;
	wait?: boolean;
	timeout: number;
	output?: Format;
}

/**
 * How long a dispatch tries to create the task: when it does not wait for the answer, or when nobody listens there. A
 * server that was killed is back sooner than that; one that was never started is not waited for any longer.
 */
const CREATE_PATIENCE_MS = 30_000;
/** As a shell reports a command that Ctrl-C ended. */
const INTERRUPTED = 130;
/** Statuses that say what is wrong with the task itself. */
const REFUSED_FOR_GOOD = [400, 413, 422];

export function addDispatch(program: Command, cli: Cli): void {
	program
		.command("dispatch")
		.description("give an agent a task")
		.argument("<prompt>", "or - to read it from standard input")
		.option("--agent <name>", "default: the agent `default`, or the only one")
		.option("--model <provider/model>", "instead of the agent's own")
		.option("--name <name>", "of the task; default: a random one")
		.option("--session <name>", "continue this session; default: a new one")
		.option("--wait", "follow the task to its end and print its answer")
		.addOption(new Option("--timeout <duration>", "longest wait").argParser(durationOption).default(300_000, "300s"))
		.option("-o, --output <format>", "print the task as json, yaml, name or jsonpath=TEMPLATE", parseFormat)
		.action(async (argument: string, options: DispatchOptions, command: Command) => {
			const prompt = argument === "-" ? await readAll(cli.io.stdin) : argument;
			if (prompt.trim() === "") throw new CliError("The prompt is empty. Say what the agent is to do.");
			const { client, namespace } = await connect(command, cli.io);
			const name = options.name ?? `task-${randomBytes(8).toString("hex")}`;
			const stop = new AbortController();
			const timer = setTimeout(() => stop.abort("timeout"), options.wait ? options.timeout : CREATE_PATIENCE_MS);
			const forget = cli.io.onInterrupt(() => stop.abort("interrupt"));
			let created: TaskObject | undefined;
			try {
				created = await create(
					client,
					namespace,
					name,
					{ prompt, agent: options.agent, model: options.model, session: options.session },
					stop.signal,
					cli,
				);
				if (!options.wait) {
					if (options.output) writeObject(cli.io.stdout, created, options.output);
					else cli.io.stdout.write(`${qualified(TASK)}/${name} created\n`);
					return;
				}
				cli.exitCode = await wait(client, namespace, name, options, stop.signal, cli);
			} catch (error) {
				if (created || stop.signal.reason !== "interrupt") throw error;
				const look = `See whether the task was created with: ${invocation(cli.io.env)} get task ${name}`;
				cli.io.stderr.write(
					error instanceof OutcomeUnknown
						? `Interrupted before the server's answer came. ${look}\n`
						: "Interrupted. The task was not created.\n",
				);
				cli.exitCode = INTERRUPTED;
			} finally {
				clearTimeout(timer);
				forget();
			}
		});
}

/** The request was sent, and what became of it was not heard. */
class OutcomeUnknown extends CliError {}

/**
 * Creates the task once, however often the answer is lost: the name is ours, so if it is taken after a lost answer, it
 * is by this task.
 */
async function create(
	client: ApiClient,
	namespace: string,
	name: string,
	spec: TaskObject["spec"],
	signal: AbortSignal,
	cli: Cli,
): Promise<TaskObject> {
	const body = { apiVersion: apiVersionOf(TASK), kind: TASK.kind, metadata: { name, namespace }, spec };
	let lost = false;
	const nobody = new AbortController();
	const patience = setTimeout(() => nobody.abort(), CREATE_PATIENCE_MS);
	const attempt = async () => {
		try {
			return await client.json<TaskObject>(resourcePath(TASK, namespace), { method: "POST", body, signal });
		} catch (error) {
			if (lost && error instanceof ApiError && error.reason === "AlreadyExists") {
				const found = await client.json<TaskObject>(resourcePath(TASK, namespace, name), { signal });
				if (found.spec?.prompt === spec?.prompt) return found;
			}
			if (!(error instanceof ConnectionError && error.refused)) clearTimeout(patience);
			lost ||= (error instanceof ConnectionError && !error.refused) || (error instanceof ApiError && error.code >= 500);
			throw error;
		}
	};
	try {
		return await persist(attempt, {
			signal: AbortSignal.any([signal, nobody.signal]),
			onLost: (error) => {
				const limit =
					error instanceof ConnectionError && error.refused ? ` That ends after ${CREATE_PATIENCE_MS / 1000} s at the latest.` : "";
				cli.io.stderr.write(`${tryingAgain(error)}${limit}\n`);
			},
		});
	} catch (error) {
		// What is refused for what it is was refused the first time too, whatever became of that answer.
		if (!lost || (error instanceof ApiError && REFUSED_FOR_GOOD.includes(error.code))) throw error;
		throw new OutcomeUnknown(
			`It is not known whether the task was created, because the connection was lost. Once the server is back, look with: ${invocation(cli.io.env)} get task ${name}`,
		);
	} finally {
		clearTimeout(patience);
	}
}

async function wait(
	client: ApiClient,
	namespace: string,
	name: string,
	options: DispatchOptions,
	signal: AbortSignal,
	cli: Cli,
): Promise<number> {
	const { stdout, stderr, env } = cli.io;
	// On a terminal the answer is read as it comes. Where stdout goes elsewhere it gets the answer and nothing else.
	const live = stdout.isTTY === true && options.output === undefined;
	const output = live ? stdout : stderr;
	const screen = new Screen(output, { style: styleFor(output, env), text: live ? "live" : "between", outcome: false });
	const task = await waitForTask(client, namespace, name, signal, screen);
	if (task && options.output) writeObject(stdout, task, options.output);
	if (!task || !isOver(task)) {
		const seconds = options.timeout / 1000;
		const why = signal.reason === "timeout" ? `The task ${name} is not over after ${seconds} s` : `The task ${name} is not over`;
		stderr.write(`${why}; it goes on. Follow it with: ${invocation(env)} logs -f task/${name}\n`);
		return signal.reason === "timeout" ? 1 : INTERRUPTED;
	}
	const { phase, result = "", reason = "Unknown", message = "" } = task.status ?? {};
	if (!live && !options.output && result !== "") stdout.write(result.endsWith("\n") ? result : `${result}\n`);
	if (phase === "Succeeded") return 0;
	stderr.write(`The task ${name} ${withCode(phase === "Cancelled" ? "was cancelled" : "failed", phase, reason)}: ${message}\n`);
	return 1;
}
