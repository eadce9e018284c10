import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CallRecord } from "../call-record.ts";
import { Journal } from "../journal.ts";
import { processLimits } from "../sandbox/limits.ts";
import { noSandbox, type Sandbox } from "../sandbox/sandbox.ts";
import { TIMING } from "../timing.ts";
import type { NodeExecution, Outcome } from "../tools/node-tool.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A workspace on the real disk in which tools are run as the runtime runs them, without the runtime. */
export class ToolBench {
	/** Parent of the workspace: outside of it. */
	readonly outside: string;
	readonly workspace: string;
	readonly journal: Journal;
	sandbox: Sandbox = noSandbox;
	#calls = 0;

	constructor() {
		const data = temporaryDirectory();
		this.outside = data;
		this.workspace = join(data, "workspaces", "s");
		mkdirSync(this.workspace, { recursive: true });
		this.journal = new Journal(join(data, "calls"), () => undefined);
	}

	/** Puts a file into the workspace. */
	file(path: string, content: string | Buffer): string {
		const real = join(this.workspace, path);
		mkdirSync(dirname(real), { recursive: true });
		writeFileSync(real, content);
		return real;
	}

	record(tool: string, args: Record<string, unknown>): CallRecord {
		const callId = `call-${++this.#calls}`;
		return this.journal.create({
			...{ callId, session: "default/s", workspace: "s", incarnation: 1, tool },
			...{ arguments: args, timeoutMs: 30_000, acceptedAt: Date.now() },
		});
	}

	/** @param record of an earlier run that is taken up again */
	async run(tool: NodeExecution, args: Record<string, unknown>, record = this.record(tool.name, args)): Promise<Outcome> {
		const stop = new AbortController();
		return tool.run(args, {
			record,
			workspace: this.workspace,
			...{ sandbox: this.sandbox, limits: processLimits(undefined, record.call.timeoutMs) },
			signal: stop.signal,
			stop: (why) => stop.abort(why),
			output: () => undefined,
			timing: TIMING,
			log: () => undefined,
		});
	}

	/** The content of a result that must not be an error. */
	async content(tool: NodeExecution, args: Record<string, unknown>): Promise<string> {
		const { content, isError } = await this.run(tool, args);
		if (isError) throw new Error(content);
		return content;
	}

	/** The content of a result that must be an error. */
	async error(tool: NodeExecution, args: Record<string, unknown>): Promise<string> {
		const { content, isError } = await this.run(tool, args);
		if (!isError) throw new Error(`no error, but: ${content}`);
		return content;
	}
}
