import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { Conversation } from "../chat/conversation.ts";
import { readLines } from "../chat/lines.ts";
import { type Cli, connect } from "../cli.ts";
import { sentence } from "../errors.ts";
import { invocation } from "../invocation.ts";
import { Screen } from "../render/screen.ts";
import { styleFor } from "../render/style.ts";

interface ChatOptions {
	agent?: string;
	session?: string;
	model?: string;
}

/** As a shell reports a command that Ctrl-C ended. */
const INTERRUPTED = 130;

export function addChat(program: Command, cli: Cli): void {
	program
		.command("chat")
		.description("talk to an agent; from a pipe, each line is a message")
		.option("--agent <name>", "default: the agent `default`, or the only one")
		.option("--session <name>", "go on with this session; default: a new one")
		.option("--model <provider/model>", "instead of the agent's own")
		.action(async (options: ChatOptions, command: Command) => {
			const { client, namespace } = await connect(command, cli.io);
			const { stdout, stderr, env } = cli.io;
			const style = styleFor(stdout, env);
			const name = options.session ?? `chat-${randomBytes(8).toString("hex")}`;
			const history = new Screen(stdout, { style, prompts: true });
			const opening = new Conversation(client, namespace, name, history);
			const how = await opening.open(options.agent, { fresh: options.session === undefined });
			stderr.write(`Session ${name} ${how}. To resume it: ${invocation(env)} chat --session ${name}\n`);
			if (how === "resumed") {
				const interrupted = await interruptible(cli, opening, (signal) => opening.showLast(signal));
				if (interrupted) return;
			}
			const conversation = new Conversation(client, namespace, name, new Screen(stdout, { style }));
			for await (const line of readLines(cli.io, style.bold("> "))) {
				if (line.trim() === "") continue;
				const interrupted = await interruptible(cli, conversation, async (signal) => {
					const end = await conversation.say(line, options.model, signal);
					// A person sees how it went; a script looks at the exit code.
					if (end?.phase !== "Succeeded" && !cli.io.stdin.isTTY) cli.exitCode = 1;
				});
				if (interrupted) return;
			}
		});
}

/** Ctrl-C cancels what the session is doing, and a second one leaves it at that. True: end the chat. */
async function interruptible(cli: Cli, conversation: Conversation, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
	const leave = new AbortController();
	let interrupts = 0;
	const forget = cli.io.onInterrupt(() => {
		interrupts += 1;
		if (interrupts > 1) return leave.abort();
		conversation.cancel().catch((error) => cli.io.stderr.write(`${sentence(error)}\n`));
	});
	try {
		await work(leave.signal);
	} catch (error) {
		// At a terminal the conversation goes on: the next message may do better.
		if (!cli.io.stdin.isTTY) throw error;
		if (!leave.signal.aborted) cli.io.stderr.write(`${sentence(error)}\n`);
	} finally {
		forget();
	}
	const ends = leave.signal.aborted || (interrupts > 0 && !cli.io.stdin.isTTY);
	if (ends) cli.exitCode = INTERRUPTED;
	return ends;
}
