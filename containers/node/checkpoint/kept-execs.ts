import { PROTOCOL_VERSION, type ToServer } from "../protocol.ts";
import { ToolError } from "../tools/node-tool.ts";
import type { Checkpoints, Kept, WorkspaceUse } from "./checkpoints.ts";

export interface KeptExecsOptions {
	checkpoints: Pick<Checkpoints, "ensure" | "checkpoint">;
	/** Sends if there is a connection. */
	send(frame: ToServer): void;
	/** As of the last `welcome`. */
	incarnation(): number;
	log(line: string): void;
}

/** A person's command and where it runs; without a state the workspace is left as it is. */
export type ExecUse = Pick<WorkspaceUse, "session" | "workspace" | "root" | "signal"> & { state?: WorkspaceUse["state"]; id: string };

/** What is to be said of a command when its files were kept, or were not. `epoch`: of the checkpoint. */
export type ExecKept = Kept & { epoch?: number };

/** A store that fails for longer keeps no person waiting: they can try again, and the next call stores what they changed. */
const PATIENCE_MS = 30_000;

/** Workspaces in which people run commands. */
export class KeptExecs {
	readonly #options: KeptExecsOptions;

	constructor(options: KeptExecsOptions) {
		this.#options = options;
	}

	/** @throws ToolError when the files of the session cannot be had */
	async prepare({ state, ...use }: ExecUse): Promise<void> {
		if (!state) return;
		await withPatience(use.signal, (patience) => this.#options.checkpoints.ensure({ ...use, state, ...patience }));
	}

	/** Stores what the command changed, as far as that goes, and says what does not. Never rejects. */
	async keep({ id, state, ...use }: ExecUse): Promise<ExecKept> {
		if (!state) return {};
		const { checkpoints, send, incarnation, log } = this.#options;
		try {
			const kept = await withPatience(use.signal, (patience) => checkpoints.checkpoint({ ...use, state, ...patience }));
			const { checkpoint } = kept;
			if (kept.remark !== undefined) log(`After command ${id} of a person: ${kept.remark}`);
			if (!checkpoint) return kept;
			// For a server that does not look for it in the end of the command.
			const head = { v: PROTOCOL_VERSION, id, incarnation: incarnation(), session: use.session };
			send({ ...head, type: "checkpoint-made", epoch: state.epoch, checkpoint });
			return { ...kept, epoch: state.epoch };
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			log(`What command ${id} of a person changed is stored with the next call. ${why}`);
			const message = `What this command changed is not stored yet: it will be with the session's next call. ${why}`;
			return { uncheckpointed: true, unkept: { reason: "NotStored", message }, remark: message };
		}
	}
}

async function withPatience<T>(
	signal: AbortSignal,
	act: (patience: { signal: AbortSignal; failed(message: string): void }) => Promise<T>,
): Promise<T> {
	const end = new AbortController();
	const since = performance.now();
	const stop = () => end.abort(signal.reason);
	if (signal.aborted) stop();
	signal.addEventListener("abort", stop, { once: true });
	try {
		return await act({
			signal: end.signal,
			failed: (message) => {
				if (performance.now() - since > PATIENCE_MS)
					end.abort(new ToolError(`The store of the session's files fails. ${message} Try again.`));
			},
		});
	} finally {
		signal.removeEventListener("abort", stop);
	}
}
