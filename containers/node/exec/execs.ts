import { mark } from "../bash/environment.ts";
import { explainError } from "../explain-error.ts";
import { killProcesses } from "../process/kill.ts";
import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../protocol.ts";
import { isSafeName } from "../safe-name.ts";
import { ToolError } from "../tools/node-tool.ts";
import type { Workspaces } from "../workspace/workspaces.ts";
import { Execution } from "./execution.ts";
import { decodeData, encodeData, STDIN } from "./protocol.ts";
import { findTerminal, type Terminal } from "./terminal.ts";

/** More than people type into one machine at once; what is beyond is refused with a sentence. */
export const MAX_EXECS = 64;

export interface ExecsOptions {
	/** Real path. */
	dataDir: string;
	workspaces: Pick<Workspaces, "open">;
	/** As of the last `welcome`. */
	incarnation(): number;
	/** Sends if there is a connection. */
	send(frame: ToServer): void;
	sendData(frame: Uint8Array): void;
	/** Between SIGTERM and SIGKILL, in milliseconds. */
	graceMs: number;
	log(line: string): void;
}

type ExecFrame = Extract<ToNode, { type: "exec" | "exec-resize" | "exec-eof" | "exec-stop" | "exec-credit" }>;
type Start = Extract<ToNode, { type: "exec" }>;

export function isExec(frame: ToNode): frame is ExecFrame {
	return frame.type === "exec" || frame.type.startsWith("exec-");
}

/** The commands that people run on this node. They live as long as the connection over which they were asked for. */
export class Execs {
	readonly #options: ExecsOptions;
	readonly #running = new Map<string, { execution: Execution; done: Promise<void> }>();
	/** What a runtime that was killed left behind. */
	readonly #leftovers: Promise<void>;
	#terminal: Promise<Terminal | undefined> | undefined;

	constructor(options: ExecsOptions) {
		this.#options = options;
		this.#leftovers = killProcesses({ groups: [], variables: [mark.node(options.dataDir), mark.exec] }, 0);
	}

	receive(frame: ExecFrame): void {
		if (frame.incarnation !== this.#options.incarnation()) return;
		const execution = this.#running.get(frame.id)?.execution;
		switch (frame.type) {
			case "exec":
				this.#start(frame);
				break;
			case "exec-resize":
				execution?.resize(frame.columns, frame.rows);
				break;
			case "exec-eof":
				execution?.end();
				break;
			case "exec-credit":
				execution?.credit(frame.bytes);
				break;
			case "exec-stop":
				void execution?.stop();
		}
	}

	receiveData(frame: Uint8Array): void {
		const data = decodeData(frame);
		if (data?.channel === STDIN) this.#running.get(data.id)?.execution.write(data.bytes);
	}

	/** Nobody is there any more to read or to type. */
	lost(): void {
		for (const { execution } of this.#running.values()) void execution.stop();
	}

	async close(): Promise<void> {
		this.lost();
		await Promise.all([this.#leftovers, ...[...this.#running.values()].map(({ done }) => done)]);
	}

	#start(frame: Start): void {
		const { id } = frame;
		if (this.#running.has(id)) return;
		if (this.#running.size >= MAX_EXECS) {
			this.#exit(id, { message: `This node runs ${MAX_EXECS} commands of people already. End one of them and try again.` });
			return;
		}
		const execution = new Execution(frame, {
			graceMs: this.#options.graceMs,
			output: (channel, bytes) => this.#options.sendData(encodeData({ id, channel, bytes })),
			taken: (bytes) => this.#options.send({ ...this.#head(id), type: "exec-credit", bytes }),
		});
		const done = this.#run(frame, execution)
			.then((exitCode) => this.#exit(id, { exitCode }))
			.catch((error: unknown) => {
				if (!(error instanceof ToolError)) this.#options.log(`Command ${id} of a person failed: ${error}`);
				this.#exit(id, { message: error instanceof ToolError ? error.message : explainError(error, "the command") });
			})
			.finally(() => this.#running.delete(id));
		this.#running.set(id, { execution, done });
	}

	async #run({ id, workspace }: Start, execution: Execution): Promise<number> {
		if (!isSafeName(workspace))
			throw new ToolError(`The workspace ${JSON.stringify(workspace)} cannot be a file name, so nothing was run.`);
		await this.#leftovers;
		const path = await this.#options.workspaces.open(workspace);
		this.#options.send({ ...this.#head(id), type: "exec-started" });
		return execution.run(path, (env) => {
			this.#terminal ??= findTerminal(env);
			return this.#terminal;
		});
	}

	#exit(id: string, outcome: { exitCode: number } | { message: string }): void {
		this.#options.send({ ...this.#head(id), type: "exec-exit", ...outcome });
	}

	#head(id: string) {
		return { v: PROTOCOL_VERSION, id, incarnation: this.#options.incarnation() };
	}
}
