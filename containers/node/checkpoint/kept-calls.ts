import type { CallRecord } from "../call-record.ts";
import type { RunCall } from "../calls.ts";
import { explainError } from "../explain-error.ts";
import { PROTOCOL_VERSION, type ToServer, toolResultSchema } from "../protocol.ts";
import { Stopped } from "../stopped.ts";
import type { Timing } from "../timing.ts";
import { failed, type Outcome, ToolError } from "../tools/node-tool.ts";
import { CHANGE_NOTHING } from "../tools/registry.ts";
import type { Workspaces } from "../workspace/workspaces.ts";
import type { Checkpoints, Kept } from "./checkpoints.ts";
import type { WorkspaceState } from "./protocol.ts";
import { whileWaiting } from "./waiting.ts";

export interface KeptCallsOptions {
	/** Runs the tools. */
	run: RunCall;
	checkpoints: Pick<Checkpoints, "ensure" | "checkpoint">;
	workspaces: Pick<Workspaces, "open">;
	/** Sends if there is a connection. */
	send(frame: ToServer): void;
	timing: Pick<Timing, "waitingMs">;
	log(line: string): void;
}

const outcomeSchema = toolResultSchema.omit({ durationMs: true });

/**
 * Runs calls in workspaces that outlive the node: before a tool runs the workspace is made what its session says, and what
 * it changed is in the store before there is a result.
 */
export function keptCalls({ run, checkpoints, workspaces, send, timing, log }: KeptCallsOptions): RunCall {
	const say = ({ call: { callId, incarnation, session } }: CallRecord, message: string) =>
		send({ v: PROTOCOL_VERSION, type: "call-waiting", id: callId, incarnation, session, message });

	/** Why nothing can run; `undefined` when everything is ready. */
	async function prepare(record: CallRecord, state: WorkspaceState, signal: AbortSignal): Promise<Outcome | undefined> {
		const { session, workspace, tool } = record.call;
		const wait = (why?: string) => say(record, `${tool} has not begun: the files of its workspace ${notYet("fetched", why)}`);
		try {
			const root = await workspaces.open(workspace);
			await whileWaiting({ say: wait, everyMs: timing.waitingMs, leave: signal }, (patience) =>
				checkpoints.ensure({ session, workspace, root, state, ...patience }),
			);
			return undefined;
		} catch (error) {
			if (isRefusal(error)) return failed(error.message);
			throw error;
		}
	}

	async function keep(record: CallRecord, state: WorkspaceState, signals: { stop: AbortSignal; leave: AbortSignal }): Promise<Kept> {
		const { session, workspace, tool } = record.call;
		const wait = (why?: string) => say(record, `The result of ${tool} waits: its files ${notYet("stored", why)}`);
		try {
			const root = await workspaces.open(workspace);
			return await whileWaiting({ say: wait, everyMs: timing.waitingMs, ...signals }, (patience) =>
				checkpoints.checkpoint({ session, workspace, root, state, ...patience }),
			);
		} catch (error) {
			if (!isRefusal(error)) throw error;
			const message = `What this call changed is in no checkpoint: ${error.message}`;
			return { uncheckpointed: true, unkept: { reason: "NotStored", message }, remark: message };
		}
	}

	return async (record, stop, output, leave) => {
		const { state, tool } = record.call;
		if (!state?.checkpoints) return run(record, stop, output, leave);
		let outcome = outcomeOf(record);
		if (!outcome) {
			// What an earlier runtime began is in the workspace already.
			const refusal = record.has("started") ? undefined : await prepare(record, state, stop.signal);
			if (refusal) return refusal;
			outcome = await run(record, stop, output, leave);
			if (CHANGE_NOTHING.has(tool)) return outcome;
			try {
				// From here on a runtime that takes this call up only stores, and runs nothing.
				record.write("outcome.json", JSON.stringify(outcome));
			} catch (error) {
				log(`The outcome of call ${record.call.callId} could not be put on record. ${explainError(error, "the record of this call")}`);
			}
		}
		const { remark, ...kept } = await keep(record, state, { stop: stop.signal, leave });
		return { ...outcome, ...kept, content: remark === undefined ? outcome.content : `${outcome.content}\n\n${remark}` };
	};
}

function outcomeOf(record: CallRecord): Outcome | undefined {
	const text = record.text("outcome.json");
	return text === undefined ? undefined : outcomeSchema.parse(JSON.parse(text));
}

/** It is said in the result; anything else ends with the runtime, or is a mistake of it. */
function isRefusal(error: unknown): error is Error {
	return (error instanceof Stopped && error.kind !== "detach") || error instanceof ToolError;
}

function notYet(done: "fetched" | "stored", why: string | undefined): string {
	return why === undefined ? `are being ${done}.` : `could not be ${done} (${why.replace(/\.$/, "")}). It is tried again.`;
}
