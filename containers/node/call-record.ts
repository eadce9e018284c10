import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { workspaceStateSchema } from "./checkpoint/protocol.ts";
import { errorCode } from "./explain-error.ts";
import { limitsSchema, type NodeToolResult, toolResultSchema } from "./protocol.ts";
import { writeAtomic } from "./write-atomic.ts";

/** A call as it was asked for. */
export const journaledCallSchema = z.object({
	callId: z.string(),
	session: z.string(),
	workspace: z.string(),
	incarnation: z.number().int(),
	tool: z.string(),
	arguments: z.record(z.string(), z.unknown()),
	timeoutMs: z.number(),
	/** What the session may use; absent: the node's own defaults. */
	limits: limitsSchema.optional(),
	/** What the workspace is to be when the tool begins; absent: as it is. */
	state: workspaceStateSchema.optional(),
	/** Milliseconds since the epoch. */
	acceptedAt: z.number(),
});
export type JournaledCall = z.infer<typeof journaledCallSchema>;

/** The files of one call. All but the first are there only when what they tell has happened. */
export type RecordFile =
	/** The call. Written before anything runs. */
	| "call.json"
	/** bash: the command, when it is too long for an argument list. */
	| "command"
	/** bash: stdout and stderr as they come. */
	| "output"
	/** bash: the start lock; holds the id of the process that took it. */
	| "started"
	/** bash: the exit code and a newline, written by the process itself. */
	| "exit"
	/** bash: the runtime decided to kill it; what the result will say. */
	| "stop.json"
	/** edit: what the file will be, written before it is. */
	| "edit.json"
	/** The tool is done, and what it changed is to be stored before there is a result. */
	| "outcome.json"
	/** The result, kept until the server has it. */
	| "result.json"
	/** The server has the result. */
	| "acknowledged";

/** One call's directory in the journal. */
export class CallRecord {
	readonly dir: string;
	readonly call: JournaledCall;

	constructor(dir: string, call: JournaledCall) {
		this.dir = dir;
		this.call = call;
	}

	path(file: RecordFile): string {
		return join(this.dir, file);
	}

	has(file: RecordFile): boolean {
		return existsSync(this.path(file));
	}

	/** Text of a file; `undefined` when it is not there. */
	text(file: RecordFile): string | undefined {
		try {
			return readFileSync(this.path(file), "utf8");
		} catch (error) {
			if (errorCode(error) === "ENOENT") return undefined;
			throw error;
		}
	}

	/** When a file was last written, in milliseconds since the epoch; `undefined` when it is not there. */
	writtenAt(file: RecordFile): number | undefined {
		return statSync(this.path(file), { throwIfNoEntry: false })?.mtimeMs;
	}

	/** @throws NodeJS.ErrnoException when the disk is full */
	write(file: RecordFile, text: string): void {
		writeAtomic(this.path(file), text);
	}

	/** Takes the start lock, so that nothing will ever run for this call. False: it is taken already. */
	takeStartLock(): boolean {
		try {
			writeFileSync(this.path("started"), "", { flag: "wx" });
			return true;
		} catch (error) {
			if (errorCode(error) === "EEXIST") return false;
			throw error;
		}
	}

	result(): NodeToolResult | undefined {
		const text = this.text("result.json");
		return text === undefined ? undefined : toolResultSchema.parse(JSON.parse(text));
	}

	/** Counts the time to keep the call from now on. */
	acknowledge(): void {
		writeFileSync(this.path("acknowledged"), "");
	}

	remove(): void {
		rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
	}
}
