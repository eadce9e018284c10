import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import { defaultModel } from "../../src/models/registry.ts";
import { clusterOf, dispatcherObjectName } from "../names.ts";
import type { Lease, NodeResultReport, RunStatus, SendReply } from "../ports.ts";
import { hasStore } from "../workspace/blob-store.ts";
import type { CheckpointRecord } from "../workspace/checkpoint-record.ts";
import {
	callWaiting,
	checkpointMade,
	checkpointRecords,
	type MadeCheckpoint,
	type RestoreInput,
	type RestoreReply,
	restoreCheckpoint,
} from "./checkpoints.ts";
import { accept, type CancelInput, cancel, type SendInput } from "./commands.ts";
import { withOutput } from "./cut-output.ts";
import { eventStream } from "./event-stream.ts";
import type { SessionEvent } from "./events.ts";
import { ExecAsks } from "./exec-asks.ts";
import { type Exec, type ExecTarget, execTarget } from "./exec-target.ts";
import { type ExecEnd, execEnded, forsakeExec } from "./execs.ts";
import { execute } from "./execute.ts";
import { filesLost } from "./files.ts";
import { EXEC_GRACE_MS } from "./held-up.ts";
import { Journal } from "./journal.ts";
import { KeptOutput } from "./kept-output.ts";
import { isLeaving } from "./leaving.ts";
import { Live } from "./live.ts";
import { Reactor } from "./reactor.ts";
import { type Eviction, type Recall, recall } from "./recall.ts";
import { resultEvent } from "./result-event.ts";
import { type CallReporter, callOn, type SessionState } from "./state.ts";
import { wantsLease } from "./tool-calls.ts";

/**
 * A conversation with one agent. This class owns storage, the alarm and RPC, and nothing else: what happens is decided
 * by `decide`, kept by `evolve`, driven by `Reactor` and done by `execute`.
 */
export class SessionObject extends DurableObject<Env> {
	readonly #live = new Live();
	readonly #output: KeptOutput;
	readonly #readers = new Set<() => void>();
	/** Calls that may have reached their node in the life of this memory. */
	readonly #left = new Set<string>();
	readonly #asks = new ExecAsks(Date.now());
	#journal: Journal;
	#reactor: Reactor;
	/** Ends the readers of a session that is deleted. */
	#wiped = new AbortController();

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#journal = journalOf(ctx);
		this.#output = new KeptOutput({
			sql: ctx.storage.sql,
			printed: (callId) => this.#live.printed(callId),
			later: (ms, run) => void setTimeout(run, ms),
		});
		this.#reactor = this.#react();
	}

	/** A reactor over what the journal holds. */
	#react(): Reactor {
		const { ctx, env } = this;
		return new Reactor({
			now: Date.now,
			journal: this.#journal,
			setAlarm: (at) => this.#setAlarm(at),
			execute: (effect, signal) => {
				const done = execute(
					{
						env,
						cluster: clusterOf(this.ctx.id),
						state: this.#state,
						live: this.#live,
						left: this.#left,
						asks: this.#asks,
						changed: () => this.#changed(),
						wipe: () => this.#wipe(),
						now: Date.now,
						random: Math.random,
					},
					effect,
					signal,
				);
				ctx.waitUntil(done.catch(() => undefined));
				return done;
			},
			complete: (event) => withOutput(event, (callId) => this.#output.printed(callId)),
			appended: (events) => {
				for (const { event } of events) {
					this.#asks.saw(event);
					if (event.type !== "tool.completed") continue;
					this.#live.endTool(event.callId);
					this.#output.forget(event.callId);
					this.#left.delete(event.callId);
				}
				this.#changed();
			},
			log: (message, error) => console.warn(`session ${ctx.id.name}: ${message}`, error),
			defaultModel: defaultModel(env),
			checkpoints: hasStore(env),
		});
	}

	get #state(): SessionState {
		return this.#reactor.state;
	}

	/**
	 * Accepts a message: when this returns, the message will be answered or visibly failed.
	 * @throws Error with `retryable: true` while a session of the same name is being deleted.
	 */
	async send(input: SendInput): Promise<SendReply> {
		this.#refuseOther(input.identity.uid);
		const { events, reply } = accept(this.#state, input);
		this.#reactor.append(events);
		this.#reactor.reconcile();
		return reply;
	}

	async cancel(input: CancelInput): Promise<{ cancelled: string[] }> {
		const { events, cancelled } = cancel(this.#state, input);
		this.#reactor.append(events);
		this.#reactor.reconcile();
		return { cancelled };
	}

	/** How the run of the message under this key stands. */
	async runOf(key: string): Promise<RunStatus | undefined> {
		const run = this.#state.keys.get(key)?.run;
		return run === undefined ? undefined : this.#state.runs.get(run);
	}

	/** Deletes the session: cancels, gives back what it holds, then wipes its storage. Repeating is harmless. */
	async remove(): Promise<void> {
		if (!this.#state.identity || this.#state.closed) return;
		this.#reactor.append([{ type: "session.closed" }]);
		this.#reactor.reconcile();
	}

	/** A node has the result of a call. `accepted: false`: nobody waits for it any more, or the node is of an old incarnation. */
	async nodeResult(report: NodeResultReport): Promise<{ accepted: boolean }> {
		const { run } = this.#state;
		const call = callOn(this.#state, report);
		if (!run || !call) return { accepted: false };
		const event = resultEvent(run.run, call, report, this.#state.workspace, Date.now());
		this.#journalAll([report.result.unknown ? withOutput(event, (id) => this.#output.printed(id)) : event]);
		return { accepted: true };
	}

	/** A piece of a running call's output, for whoever watches. */
	async nodeOutput(piece: CallReporter & { offset: number; text: string }): Promise<void> {
		const { run } = this.#state;
		if (!run || !callOn(this.#state, piece)) return;
		this.#live.toolOutput(run.run, piece.callId, piece.offset, piece.text);
		this.#output.changed(piece.callId);
		this.#changed();
	}

	/** A node that a call waits for is connected again. */
	async nodeReady(): Promise<void> {
		this.#reactor.poke("node-call");
	}

	/** The machine of this session's lease is gone: whoever waits for it asks again and is told so. */
	async leaseRevoked(): Promise<void> {
		this.#reactor.poke("node-call");
		this.#reactor.poke("exec-watch");
		// A command that waits for its node to come back is not known there, so nobody else would say that it never will.
		const { lease, execs, uncheckpointed } = this.#state;
		if (!lease || execs.size === 0) return;
		const dispatcher = this.env.DISPATCHER.getByName(dispatcherObjectName(clusterOf(this.ctx.id)));
		const renewed = await dispatcher.renew(lease, { workspaceBound: uncheckpointed });
		if (renewed || this.#state.lease?.id !== lease.id) return;
		this.#journalAll([{ type: "lease.released", id: lease.id, reason: `node ${lease.node} is gone`, cause: "NodeLost" }]);
	}

	/** A node is no more that alone had files of this session. */
	async nodeGone(node: string): Promise<void> {
		this.#journalAll(filesLost(this.#state, node));
	}

	/** The dispatcher found room. `false`: no longer wanted. */
	async leaseGranted(lease: Lease): Promise<boolean> {
		if (this.#state.lease?.id === lease.id) return true;
		// What is under way would take away what the lease gives: it is asked for again afterwards.
		if (!wantsLease(this.#state) || this.#state.closed || isLeaving(this.#state)) return false;
		this.#reactor.append([{ type: "lease.granted", lease, leaves: true }]);
		this.#reactor.reconcile();
		return true;
	}

	/** The dispatcher wants the lease back; it gets it at the next boundary of a tool call, whoever has left a shell open. */
	async leaseRecalled(wanted: Recall): Promise<Eviction> {
		return this.#recall({ ...wanted, cutExecsAfterMs: EXEC_GRACE_MS });
	}

	/** A call on a node is done or not begun, and waits for the store of checkpoints. */
	async callWaiting(call: CallReporter & { message: string }): Promise<void> {
		if (callOn(this.#state, call)) this.#journalAll(callWaiting(this.#state, call.callId, call.message, Date.now()));
	}

	/** The workspace was checkpointed outside of a call. */
	async checkpointMade(made: MadeCheckpoint): Promise<void> {
		this.#journalAll(checkpointMade(this.#state, made));
	}

	/** What the workspace can be set back to, newest last. @param uid of the session that the caller may see */
	async checkpoints(uid: string): Promise<CheckpointRecord[]> {
		return this.#state.identity?.uid === uid ? checkpointRecords(this.#state) : [];
	}

	async restoreCheckpoint(wanted: RestoreInput): Promise<RestoreReply> {
		const { events, reply } = restoreCheckpoint(this.#state, wanted);
		this.#journalAll(events);
		return reply;
	}

	/**
	 * Where a person's command runs; see `exec-target.ts`. Repeating with the same id opens nothing twice.
	 *
	 * @param uid of the session that the person may use
	 * @param exec absent: an older gateway asks, which does not ask again
	 */
	async execTarget(uid: string, exec: Exec = { id: crypto.randomUUID(), by: "a person" }): Promise<ExecTarget> {
		return execTarget(uid, exec, {
			state: () => this.#state,
			journal: (events) => this.#journalAll(events),
			changed: (ms) => this.#next(ms),
			asks: this.#asks,
			checkpoints: hasStore(this.env),
			now: Date.now,
		});
	}

	/** A person's command has ended on its node, or nobody waits for it any more (without `end`). Repeating is harmless. */
	async execEnded(id: string, end?: ExecEnd): Promise<void> {
		this.#asks.end(id);
		this.#journalAll(end ? execEnded(this.#state, id, end) : forsakeExec(this.#state, id));
	}

	/**
	 * Gives the node back, and nothing else: the conversation stays, and goes on with a node again when it needs one.
	 * @param gracePeriodSeconds how long a call that runs may still take; absent: as long as it takes
	 * @param abandon files that are in no checkpoint are given up
	 */
	async evict({ by, gracePeriodSeconds, abandon }: { by: string; gracePeriodSeconds?: number; abandon?: boolean }): Promise<Eviction> {
		const cut = gracePeriodSeconds === undefined ? {} : { cutAfterMs: gracePeriodSeconds * 1000 };
		return this.#recall({ by, reason: `evicted by ${by}`, cause: "Evicted", ...cut, ...(abandon && { abandon }) });
	}

	#recall(wanted: Recall): Eviction {
		const { events, outcome } = recall(this.#state, wanted, Date.now());
		this.#journalAll(events);
		return outcome;
	}

	#journalAll(events: readonly SessionEvent[]): void {
		this.#reactor.append(events);
		this.#reactor.reconcile();
	}

	/** `GET /events?after=N&follow=true&run=R` as server-sent events; see `docs/api.md`. */
	override async fetch(request: Request): Promise<Response> {
		const query = new URL(request.url).searchParams;
		const after = Number(request.headers.get("Last-Event-ID") ?? query.get("after") ?? 0);
		const wiped = this.#wiped.signal;
		const body = eventStream(
			{
				after: (seq) => (wiped.aborted ? [] : this.#journal.after(seq)),
				newest: () => this.#state.seq,
				durable: () => this.ctx.storage.sync(),
				live: (seen) => this.#live.news(seen),
				changed: (ms) => this.#next(ms),
				over: (run) => ["Succeeded", "Failed", "Cancelled"].includes(this.#state.runs.get(run)?.phase ?? "Failed"),
			},
			{
				after: Number.isSafeInteger(after) && after > 0 ? after : 0,
				follow: query.get("follow") === "true",
				run: query.get("run") ?? undefined,
				signal: AbortSignal.any([wiped, request.signal]),
			},
		);
		return new Response(body, { headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" } });
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override alarm(): void {
		this.#reactor.alarm();
	}

	#refuseOther(uid: string): void {
		const { identity, closed } = this.#state;
		if (!identity || (identity.uid === uid && !closed)) return;
		// A message that came after its session was wiped has opened it anew under its old uid; nobody else will close it.
		if (!closed) {
			this.#reactor.append([{ type: "session.closed" }]);
			this.#reactor.reconcile();
		}
		const message = `The session ${identity.namespace}/${identity.name} is being deleted. Try again in a moment.`;
		throw Object.assign(new Error(message), { code: "Deleting", retryable: true });
	}

	#setAlarm(at: number | undefined): void {
		const done = at === undefined ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(at);
		done.catch((error) => console.error("the alarm could not be set", error));
	}

	/** The last act: afterwards the object is as if it had never been. */
	async #wipe(): Promise<void> {
		this.#reactor.stop();
		this.#wiped.abort();
		this.#changed();
		await this.ctx.storage.deleteAll();
		this.#output.wiped();
		this.#wiped = new AbortController();
		this.#journal = journalOf(this.ctx);
		this.#reactor = this.#react();
	}

	#changed(): void {
		for (const wake of this.#readers) wake();
		this.#readers.clear();
	}

	#next(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const wake = () => {
				clearTimeout(timer);
				resolve();
			};
			const timer = setTimeout(() => {
				this.#readers.delete(wake);
				resolve();
			}, ms);
			this.#readers.add(wake);
		});
	}
}

function journalOf({ storage }: DurableObjectState): Journal {
	return new Journal(storage.sql, (write) => storage.transactionSync(write));
}
