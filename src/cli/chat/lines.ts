import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Io } from "../io.ts";

/**
 * What the user says, a line at a time, until the input ends. On a terminal with a prompt, line editing and history;
 * Ctrl-C and Ctrl-D at the prompt end it.
 */
export async function* readLines(io: Pick<Io, "stdin" | "stdout">, prompt: string): AsyncGenerator<string, void, undefined> {
	if (!io.stdin.isTTY) {
		const lines = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
		try {
			yield* lines;
		} finally {
			// Its iterator does not do it, and an input that is still read from keeps the process alive.
			lines.close();
		}
		return;
	}
	let history: string[] = [];
	for (;;) {
		const line = await ask(io, prompt, history);
		if (line === undefined) return;
		history = [line, ...history.filter((earlier) => earlier !== line)];
		yield line;
	}
}

/**
 * One interface for each question: between questions the terminal is in its ordinary mode, in which Ctrl-C is a signal
 * and what is typed ahead waits.
 */
function ask({ stdin, stdout }: Pick<Io, "stdin" | "stdout">, prompt: string, history: string[]): Promise<string | undefined> {
	return new Promise((resolve) => {
		const output = stdout instanceof Writable ? stdout : undefined;
		const readline = createInterface({ input: stdin, output, terminal: true, history: [...history], prompt });
		let answer: string | undefined;
		readline.on("line", (line) => {
			answer = line;
			readline.close();
		});
		readline.on("SIGINT", () => readline.close());
		readline.on("close", () => {
			if (answer === undefined) stdout.write("\n");
			resolve(answer);
		});
		readline.prompt();
	});
}
