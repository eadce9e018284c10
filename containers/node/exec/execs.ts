import { mark } from "../bash/environment.ts";
import type { ExecKept, KeptExecs } from "../checkpoint/kept-execs.ts";
import { explainError } from "../explain-error.ts";
import { killProcesses } from "../process/kill.ts";
import { PROTOCOL_VERSION, type ToNode, type ToServer } from "../protocol.ts";
import { isSafeName } from "../safe-name.ts";
import { Stopped } from "../stopped.ts";
import { ToolError } from "../tools/node-tool.ts";
import type { Workspaces } from "../workspace/workspaces.ts";
import { Ends, type ExecEnd } from "./ends.ts";
import { Execution } from "./execution.ts";
import { decodeData, encodeData, STDERR, STDIN, STDOUT } from "./protocol.ts";
import { findTerminal, type Terminal } from "./terminal.ts";

/** More than people type into one machine at once; what is beyond is refused with a sentence. */
export const MAX_EXECS = 64;

export interface ExecsOptions {
	/** Real path. */
	dataDir: string;
	workspaces: Pick<Workspaces, "open" | "sandbox" | "users">;
	/** Makes the files what they are to be, and stores them afterwards. */
	kept: Pick<KeptExecs, "prepare" | "keep">;
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

interface Running {
	workspace: string;
	execution: Execution;
	/** Aborted when nobody waits for the command any more, or when the node stops. */
	gone: AbortController;
	done: Promise<void>;
}

type Start = Extract<ToNode, { type: "exec" }>;
type Outcome = { exitCode: number } | { message: string };

export function isExec(frame: ToNode): frame is ExecFrame {
	return frame.type === "exec" || frame.type.startsWith("exec-");
}

/** The commands that people run on this node. They live as long as the connection over which they were asked for. */
export class Execs {
	readonly #options: ExecsOptions;
	readonly #running = new Map<string, Running>();
	readonly #ends = new Ends();
	/** What a runtime that was killed left behind. */
	readonly #leftovers: Promise<void>;
	readonly #closing = new AbortController();
	#terminal: Promise<Terminal | undefined> | undefined;

	constructor(options: ExecsOptions) {
		this.#options = options;
		const users = options.workspaces.users();
		this.#leftovers = killProcesses({ groups: [], variables: [mark.node(options.dataDir), mark.exec], users }, 0);
	}

	receive(frame: ExecFrame): void {
		if (frame.incarnation !== this.#options.incarnation()) return;
		const running = this.#running.get(frame.id);
		const execution = running?.execution;
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
				if (running) stop(running);
				else this.#exit(frame.id, this.#ends.get(frame.id) ?? { message: "This node does not run the command any more." });
		}
	}

	receiveData(frame: Uint8Array): void {
		const data = decodeData(frame);
		if (data?.channel === STDIN) this.#running.get(data.id)?.execution.write(data.bytes);
	}

	/** Those that run, those whose files are being kept, and those of whose end the server may not have heard. */
	list(): string[] {
		return [...new Set([...this.#running.keys(), ...this.#ends.owed().map(({ id }) => id)])];
	}

	/** There is a connection again: whatever ended while there was none is said. */
	welcome(): void {
		for (const { id, end } of this.#ends.owed()) this.#exit(id, end);
	}

	/** The server has the end of a command. Of any other id nothing is known, and nothing happens. */
	heard(id: string): void {
		this.#ends.heard(id);
	}

	/** Nobody is there any more to read or to type. */
	lost(): void {
		for (const running of this.#running.values()) stop(running);
	}

	/** Nothing runs in a workspace any more: resolves when what was changed there is kept as well, and the server was told. */
	async through(workspace: string): Promise<void> {
		const there = [...this.#running.values()].filter((running) => running.workspace === workspace);
		await Promise.all(there.map(({ done }) => done));
	}

	async close(): Promise<void> {
		this.lost();
		this.#closing.abort(Stopped.detach());
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
			dataDir: this.#options.dataDir,
			sandbox: this.#options.workspaces.sandbox,
			output: (channel, bytes) => this.#options.sendData(encodeData({ id, channel, bytes })),
			taken: (bytes) => this.#options.send({ ...this.#head(id), type: "exec-credit", bytes }),
		});
		const gone = new AbortController();
		const done = this.#run(frame, execution, gone.signal).finally(() => this.#running.delete(id));
		this.#running.set(id, { workspace: frame.workspace, execution, gone, done });
	}

	async #run(frame: Start, execution: Execution, gone: AbortSignal): Promise<void> {
		const { id, tty } = frame;
		// At once: to fetch its files may take longer than a server waits for a word.
		this.#options.send({ ...this.#head(id), type: "exec-started" });
		const { outcome, root } = await this.#outcome(frame, execution, gone);
		// Before the command is over: whoever sees its end may rely on its files. Whoever has left has changed files all the same.
		const kept: ExecKept = root === undefined ? {} : await this.#options.kept.keep({ ...frame, root, signal: this.#closing.signal });
		if (kept.remark !== undefined) {
			const bytes = Buffer.from(remarkLines(kept.remark, tty ? "\r\n" : "\n"));
			this.#options.sendData(encodeData({ id, channel: tty ? STDOUT : STDERR, bytes }));
		}
		const { remark: _, ...files } = kept;
		const end = { ...outcome, ...files };
		this.#ends.add(id, end);
		this.#exit(id, end);
	}

	/** Without a root nothing was run. */
	async #outcome(frame: Start, execution: Execution, gone: AbortSignal): Promise<{ outcome: Outcome; root?: string }> {
		let root: string | undefined;
		try {
			root = await this.#open(frame, gone);
			const exitCode = await execution.run(root, (env) => {
				this.#terminal ??= findTerminal(env);
				return this.#terminal;
			});
			return { outcome: { exitCode }, root };
		} catch (error) {
			if (!(error instanceof ToolError)) this.#options.log(`Command ${frame.id} of a person failed: ${error}`);
			const message = error instanceof ToolError ? error.message : explainError(error, "the command");
			return { outcome: { message }, ...(root !== undefined && { root }) };
		}
	}

	async #open(frame: Start, signal: AbortSignal): Promise<string> {
		const { workspace } = frame;
		if (!isSafeName(workspace))
			throw new ToolError(`The workspace ${JSON.stringify(workspace)} cannot be a file name, so nothing was run.`);
		await this.#leftovers;
		const root = await this.#options.workspaces.open(workspace);
		await this.#options.kept.prepare({ ...frame, root, signal });
		return root;
	}

	#exit(id: string, end: ExecEnd): void {
		this.#options.send({ ...this.#head(id), type: "exec-exit", ...end });
	}

	#head(id: string) {
		return { v: PROTOCOL_VERSION, id, incarnation: this.#options.incarnation() };
	}
}

function stop({ execution, gone }: Running): void {
	gone.abort(new ToolError("Nobody waits for the command any more, so it was not run."));
	void execution.stop();
}

/** klaw's own words among those of the command. */
function remarkLines(remark: string, end: string): string {
	return remark
		.split("\n")
		.map((line) => `klaw: ${line}${end}`)
		.join("");
}
