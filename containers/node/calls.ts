import { type Entry, newEntry, outputFrame, resultFrame } from "./call-entry.ts";
import type { CallRecord, JournaledCall } from "./call-record.ts";
import { explainError, isDiskFull } from "./explain-error.ts";
import type { Journal } from "./journal.ts";
import { type CallFrame, type Hello, type NodeToolResult, PROTOCOL_VERSION, type ToNode, type ToServer } from "./protocol.ts";
import { isSafeName } from "./safe-name.ts";
import { Stopped } from "./stopped.ts";
import type { Timing } from "./timing.ts";
import { failed, type Outcome } from "./tools/node-tool.ts";
import type { Workspaces } from "./workspace/workspaces.ts";

export interface CallsOptions {
	journal: Journal;
	/** Runs a call or takes it up again. */
	run: RunCall;
	workspaces: Pick<Workspaces, "remove" | "killAll">;
	/** As of the last `welcome`; `undefined` when there never was one. */
	incarnation: number | undefined;
	/** Sends if there is a connection; what is lost is sent again. */
	send(frame: ToServer): void;
	timing: Timing;
	log(line: string): void;
}

/** @throws Stopped when it was detached: the call goes on without this runtime */
export type RunCall = (
	record: CallRecord,
	/** Stops what runs. */
	stop: AbortController,
	output: (offset: number, text: string) => void,
	/** Ends what follows it, such as waiting for a store that fails. */
	leave: AbortSignal,
) => Promise<Outcome>;

/**
 * The calls of a node: takes frames from the server, runs each call once, and repeats every result until it is
 * acknowledged.
 */
export class Calls {
	readonly #options: CallsOptions;
	readonly #entries = new Map<string, Entry>();
	/** Workspaces that are being removed: what comes for them now waits for that. */
	readonly #leaving = new Map<string, Promise<void>>();
	readonly #resend: NodeJS.Timeout;
	readonly #prune: NodeJS.Timeout;
	#incarnation: number | undefined;

	/** Takes up what an earlier runtime left. What was started is watched at once, the rest waits for the server. */
	constructor(options: CallsOptions) {
		this.#options = options;
		const { journal, timing } = options;
		this.#incarnation = options.incarnation;
		this.#pruneJournal();
		for (const record of journal.unacknowledged()) {
			const entry = newEntry(record.call, record);
			entry.result = record.result();
			this.#entries.set(record.call.callId, entry);
			if (!entry.result && record.has("started")) this.#start(entry);
		}
		this.#resend = setInterval(() => this.#sendResults(), timing.resendMs);
		this.#prune = setInterval(() => this.#pruneJournal(), timing.pruneMs);
	}

	/** For `hello`. */
	list(): Hello["calls"] {
		return [...this.#entries.values()].map(({ call, result }) => ({
			callId: call.callId,
			session: call.session,
			state: result ? "finished" : "running",
		}));
	}

	/**
	 * The server granted an incarnation. Calls of an earlier one were given up by their sessions, which may have gone on
	 * elsewhere: they are killed and forgotten before anything else happens.
	 */
	async adopt(incarnation: number): Promise<void> {
		if (this.#incarnation !== incarnation) {
			const stale = [...this.#entries.values()].filter(({ call }) => call.incarnation !== incarnation);
			if (stale.length > 0)
				this.#options.log(`This is now incarnation ${incarnation}: ${stale.length} calls of an earlier one are killed and forgotten.`);
			await this.#forget(stale, "the node was taken for lost");
			if (this.#incarnation !== undefined) await this.#options.workspaces.killAll();
			this.#incarnation = incarnation;
		}
		for (const entry of this.#entries.values()) {
			if (!entry.result && !entry.work) this.#start(entry);
			else if (!entry.result && entry.shown !== "") this.#show(entry, 0, entry.shown);
		}
		this.#sendResults();
	}

	/** How many have no result yet. */
	running(): number {
		return [...this.#entries.values()].filter(({ result }) => !result).length;
	}

	/** The node was deleted, so no session waits for its calls: all are killed and forgotten. Returns how many of them ran. */
	async end(): Promise<number> {
		const running = this.running();
		await this.#forget([...this.#entries.values()], "the node was deleted");
		await this.#options.workspaces.killAll();
		return running;
	}

	/** Handles one frame, after {@link Calls.adopt}. */
	async receive(frame: ToNode): Promise<void> {
		if (frame.incarnation !== this.#incarnation) {
			this.#options.log(
				`Ignored a ${frame.type} frame for incarnation ${frame.incarnation}: this node is incarnation ${this.#incarnation}.`,
			);
			return;
		}
		switch (frame.type) {
			case "call":
				return this.#call(frame);
			case "cancel":
				if (this.#entries.has(frame.id)) return this.#cancel(frame.id, Stopped.cancel(frame.reason));
				return this.#options.send({ v: PROTOCOL_VERSION, type: "cancelled", id: frame.id, incarnation: frame.incarnation });
			case "ack":
				return this.#acknowledge(frame.id);
			case "forget":
				await this.#forgetSession(frame.session, frame.workspace);
				this.#options.send({ v: PROTOCOL_VERSION, type: "forgotten", id: frame.id, incarnation: frame.incarnation });
				return;
		}
	}

	/** Lets go of everything. Commands go on and are found again by the next runtime. */
	async close(): Promise<void> {
		clearInterval(this.#resend);
		clearInterval(this.#prune);
		for (const { stop, leave } of this.#entries.values()) for (const end of [stop, leave]) end.abort(Stopped.detach());
		await Promise.all([...this.#entries.values()].map(({ work }) => work));
	}

	#call(frame: CallFrame): void {
		const known = this.#entries.get(frame.id);
		if (known) {
			this.#sendResult(known);
			return;
		}
		const { id: callId, session, workspace, incarnation, tool, timeoutMs, limits, state } = frame;
		const call: JournaledCall = {
			callId,
			session,
			workspace,
			incarnation,
			tool,
			arguments: frame.arguments,
			timeoutMs,
			limits,
			state,
			acceptedAt: Date.now(),
		};
		const record = this.#putOnRecord(call);
		if (!record) return;
		const entry = newEntry(call, record);
		this.#entries.set(callId, entry);
		this.#start(entry);
	}

	#cancel(callId: string, why: Stopped): void {
		const entry = this.#entries.get(callId);
		// What was stopped before may wait for the store now.
		if (entry?.stop.signal.aborted) entry.leave.abort(why);
		else entry?.stop.abort(why);
	}

	/** The call's new record; `undefined` when its answer is already clear. */
	#putOnRecord(call: JournaledCall): CallRecord | undefined {
		for (const [what, name] of [["call id", call.callId] as const, ["workspace", call.workspace] as const]) {
			if (!isSafeName(name)) return this.#refuse(call, `The ${what} ${JSON.stringify(name)} cannot be a file name, so nothing was run.`);
		}
		try {
			const acknowledged = this.#options.journal.find(call.callId)?.result();
			if (!acknowledged) return this.#options.journal.create(call);
			this.#send(call, acknowledged);
			return undefined;
		} catch (error) {
			return this.#refuse(
				call,
				`Nothing was run, because the call could not be put on record. ${explainError(error, "the journal of calls")}`,
			);
		}
	}

	/** Answers a call that does not run. Only in memory: asked again after a restart, it is decided again. */
	#refuse(call: JournaledCall, why: string): undefined {
		const entry = newEntry(call, undefined);
		entry.result = { ...failed(why), durationMs: 0 };
		this.#entries.set(call.callId, entry);
		this.#options.log(`Call ${call.callId}: ${why}`);
		this.#sendResult(entry);
	}

	#start(entry: Entry): void {
		const { record } = entry;
		if (!record) return;
		const run = () =>
			this.#options
				.run(record, entry.stop, (offset, text) => this.#output(entry, offset, text), entry.leave.signal)
				.then(
					(outcome) => this.#finish(entry, record, outcome),
					(error: unknown) => {
						if (!(error instanceof Stopped))
							this.#finish(entry, record, { ...failed(explainError(error, record.call.tool)), unknown: true });
					},
				);
		const leaving = this.#leaving.get(record.call.workspace);
		entry.work = leaving ? leaving.then(run, run) : run();
	}

	#finish(entry: Entry, record: CallRecord, outcome: Outcome): void {
		if (entry.forgotten) return;
		const result = { ...outcome, durationMs: Math.max(0, Date.now() - record.call.acceptedAt) };
		try {
			record.write("result.json", JSON.stringify(result));
		} catch (error) {
			// It is sent from memory. On a full disk the command may have lost output too, so the model has to know.
			const why = explainError(error, "the record of this call");
			if (isDiskFull(error)) result.content += `\n${why}`;
			this.#options.log(`Call ${record.call.callId}: ${why}`);
		}
		entry.result = result;
		this.#sendResult(entry);
	}

	#acknowledge(callId: string): void {
		const entry = this.#entries.get(callId);
		if (!entry?.result) return;
		this.#entries.delete(callId);
		try {
			entry.record?.acknowledge();
		} catch (error) {
			// It is sent once more after a restart, and acknowledged again.
			this.#options.log(`The acknowledgement of call ${callId} could not be kept. ${explainError(error, "the journal of calls")}`);
		}
	}

	async #forgetSession(session: string, workspace: string): Promise<void> {
		const gone = [...this.#entries.values()].filter(({ call }) => call.session === session);
		const leaving = this.#forget(gone, "the session left this node").then(async () => {
			if (isSafeName(workspace)) await this.#options.workspaces.remove(workspace);
		});
		this.#leaving.set(workspace, leaving);
		try {
			await leaving;
		} finally {
			if (this.#leaving.get(workspace) === leaving) this.#leaving.delete(workspace);
		}
	}

	async #forget(entries: readonly Entry[], why: string): Promise<void> {
		for (const entry of entries) {
			entry.forgotten = true;
			for (const end of [entry.stop, entry.leave]) end.abort(Stopped.cancel(why));
		}
		await Promise.all(entries.map(({ work }) => work));
		for (const { call, record } of entries) {
			this.#entries.delete(call.callId);
			record?.remove();
		}
	}

	#pruneJournal(): void {
		try {
			this.#options.journal.prune(this.#options.timing.keepMs);
		} catch (error) {
			// Tried again next time; until then it only takes space.
			this.#options.log(`Old calls could not be pruned. ${explainError(error, "the journal of calls")}`);
		}
	}

	#sendResults(): void {
		for (const entry of this.#entries.values()) this.#sendResult(entry);
	}

	#sendResult({ call, result, forgotten }: Entry): void {
		if (result && !forgotten) this.#send(call, result);
	}

	#send(call: JournaledCall, result: NodeToolResult): void {
		this.#options.send(resultFrame(call, result));
	}

	#output(entry: Entry, offset: number, text: string): void {
		entry.shown += text;
		this.#show(entry, offset, text);
	}

	#show({ call }: Entry, offset: number, text: string): void {
		this.#options.send(outputFrame(call, offset, text));
	}
}
