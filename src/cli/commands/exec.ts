import { ReadStream } from "node:tty";
import { type Command, Option } from "commander";
import { type Cli, connect } from "../cli.ts";
import type { ExecSocket } from "../exec/exec-socket.ts";
import { openExec } from "../exec/open-exec.ts";
import { sessionOf } from "../exec/session-of.ts";

interface ExecFlags {
	stdin?: boolean;
	tty?: boolean;
	quiet?: boolean;
	container?: string;
}

const SILENT = { write: () => undefined };

export function addExec(program: Command, cli: Cli): void {
	program
		.command("exec")
		.description("run a command in a session's workspace")
		.usage("[options] SESSION -- COMMAND [args...]")
		.argument("<session>", "its name, or session/NAME")
		.argument("<command...>")
		.option("-i, --stdin", "pass this command's input on")
		.option("-t, --tty", "in a terminal")
		.option("-q, --quiet", "only what the command prints")
		.addOption(new Option("-c, --container <name>").hideHelp())
		.action(async (word: string, words: string[], flags: ExecFlags, command: Command) => {
			const { client, namespace } = await connect(command, cli.io);
			const { stdin } = cli.io;
			const terminal = flags.tty && flags.stdin && stdin instanceof ReadStream ? stdin : undefined;
			if (flags.tty && !terminal && !flags.quiet)
				cli.io.stderr.write("Unable to use a TTY - input is not a terminal or the right kind of file\n");
			const socket = await openExec(client, flags.quiet ? SILENT : cli.io.stderr, {
				namespace,
				session: sessionOf(word),
				command: words,
				stdin: flags.stdin === true,
				tty: terminal !== undefined,
			});
			const forget = cli.io.onInterrupt(() => socket.close());
			const restore = terminal && useTerminal(terminal, socket);
			try {
				if (flags.stdin) void passOn(cli.io, socket);
				cli.exitCode = await print(cli, socket);
				if (cli.exitCode !== 0 && !flags.quiet) cli.io.stderr.write(`command terminated with exit code ${cli.exitCode}\n`);
			} finally {
				restore?.();
				forget();
				socket.close();
				// Whoever types would be waited for.
				if (flags.stdin) stdin.destroy();
			}
		});
}

async function print(cli: Cli, socket: ExecSocket): Promise<number> {
	const output = socket.output();
	for (;;) {
		const { done, value } = await output.next();
		if (done) return value;
		cli.io[value.channel].write(value.bytes);
	}
}

/** Until its end, or the command's. */
async function passOn({ stdin, stderr }: Cli["io"], socket: ExecSocket): Promise<void> {
	try {
		for await (const piece of stdin) await socket.write(typeof piece === "string" ? Buffer.from(piece) : piece);
	} catch (error) {
		// Or it was destroyed because the command has ended.
		if (!stdin.destroyed) stderr.write(`error: the input cannot be read: ${error instanceof Error ? error.message : error}\n`);
	}
	await socket.end();
}

/** Every key goes to the command, and it knows how large the terminal is. @returns what undoes it */
function useTerminal(terminal: ReadStream, socket: ExecSocket): () => void {
	const tell = () => void socket.resize(process.stdout.columns ?? 80, process.stdout.rows ?? 24);
	terminal.setRawMode(true);
	process.stdout.on("resize", tell);
	tell();
	return () => {
		terminal.setRawMode(false);
		process.stdout.off("resize", tell);
	};
}
