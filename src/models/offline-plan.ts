import type { Message } from "./message.ts";
import { type ToolCall, textOf, toolCallsOf, type UserMessage } from "./message.ts";

/** A command of the user's message, and the call that it is. */
export interface PlannedCall {
	/** As the user wrote it, without `|| `. */
	line: string;
	tool: string;
	arguments: Record<string, unknown>;
}

export interface Plan {
	/** Calls by turn, in the order written. */
	turns: PlannedCall[][];
	/** Commands whose tool the agent does not have. */
	refused: PlannedCall[];
}

/** One command and the tool it needs; `$ ` is a shell's prompt, the others take exactly one word. */
const COMMANDS: { pattern: RegExp; tool: string; argument: string }[] = [
	{ pattern: /^\$ +(\S.*?)\s*$/, tool: "bash", argument: "command" },
	{ pattern: /^read +(\S+)\s*$/, tool: "read", argument: "path" },
	{ pattern: /^fetch +(\S+)\s*$/, tool: "web_fetch", argument: "url" },
];

/**
 * Reads the commands out of a message. Each is a turn of its own; a line that begins with `|| ` goes into the turn of
 * the command before it, so that the two run at the same time.
 *
 * @example plan("$ ls\n|| $ pwd\nread README.md", offered).turns // [[ls, pwd], [README.md]]
 */
export function plan(text: string, offered: ReadonlySet<string>): Plan {
	const turns: PlannedCall[][] = [];
	const refused: PlannedCall[] = [];
	for (const written of text.split(/\r?\n/)) {
		const parallel = /^\|\| +/.exec(written)?.[0] ?? "";
		const call = command(written.slice(parallel.length));
		if (!call) continue;
		const last = turns.at(-1);
		if (!offered.has(call.tool)) refused.push(call);
		else if (parallel && last) last.push(call);
		else turns.push([call]);
	}
	return { turns, refused };
}

function command(line: string): PlannedCall | undefined {
	for (const { pattern, tool, argument } of COMMANDS) {
		const value = pattern.exec(line)?.[1];
		if (value !== undefined) return { line: line.trim(), tool, arguments: { [argument]: value } };
	}
	return undefined;
}

export interface FinishedCall {
	call: ToolCall;
	content: string;
	isError: boolean;
}

/** Where a conversation stands: its last user message, and what has been done about it since. */
export interface Position {
	user: UserMessage | undefined;
	/** Answers with calls since then. */
	turns: number;
	finished: FinishedCall[];
}

export function positionOf(messages: readonly Message[]): Position {
	const start = messages.findLastIndex((message) => message.role === "user");
	const user = messages[start];
	const position: Position = { user: user?.role === "user" ? user : undefined, turns: 0, finished: [] };
	let open: ToolCall[] = [];
	for (const message of messages.slice(start + 1)) {
		if (message.role === "assistant") {
			open = toolCallsOf(message);
			if (open.length > 0) position.turns++;
		} else if (message.role === "tool") {
			for (const [place, result] of message.results.entries()) {
				const call = open[place];
				if (call) position.finished.push({ call, content: result.content, isError: result.isError });
			}
		}
	}
	return position;
}

export const promptOf = ({ user }: Position): string => (user ? textOf(user) : "");
