/**
 * A session's surroundings in miniature: a clock that is turned by hand, an alarm, a model that follows a script, and a
 * machine with a call journal. The session's own code (journal, fold, decide, reactor) is the real one, over real
 * SQLite. Power can be cut at any instant: what was not in the journal or on the machine's disk is then gone.
 */

import type { AgentSnapshot, Inbound, NodeCall, SessionReport } from "../../durable-objects/ports.ts";
import { accept, cancel } from "../../durable-objects/session/commands.ts";
import type { Effect } from "../../durable-objects/session/effect.ts";
import type { Journaled } from "../../durable-objects/session/events.ts";
import type { Outcome, ReactorPorts } from "../../durable-objects/session/reactor.ts";
import { Reactor } from "../../durable-objects/session/reactor.ts";
import { owedCalls } from "../../durable-objects/session/state.ts";
import { nodeReplaced } from "../../durable-objects/session/tool-calls.ts";
import type { Message } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { journalOver, memorySql } from "./sqlite.ts";

export const IDENTITY = { namespace: "default", name: "demo", uid: "3f1c7a52-0000-4000-8000-000000000001" };

export function agent({ instructions = "", ...spec }: Record<string, unknown> & { instructions?: string } = {}): AgentSnapshot {
	return { name: "helper", digest: JSON.stringify({ instructions, ...spec }), spec: { ...agentSpecSchema.parse(spec), instructions } };
}

interface Task {
	key: string;
	run(): void;
}

export class World {
	now = 1_000_000;
	alarmAt: number | undefined;
	/** call id → how often the machine ran it. */
	readonly ran = new Map<string, number>();
	readonly stopped: string[] = [];
	readonly reports: SessionReport[] = [];
	released = 0;
	leases = 0;
	modelCalls = 0;
	/** While true every effect's transport fails. */
	outage = false;
	/** While true the journal refuses to write. */
	diskDead = false;
	incarnation = 1;
	/** No lease is to be had. */
	full = false;
	readonly sql = memorySql();
	readonly tasks: Task[] = [];
	readonly script: (messages: readonly Message[], world: World) => ModelReply;
	reactor: Reactor;
	#generation = 0;
	readonly #machine = new Map<string, { call: NodeCall; done: boolean }>();

	constructor(script: (messages: readonly Message[], world: World) => ModelReply) {
		this.script = script;
		this.reactor = this.#boot();
	}

	get events(): Journaled[] {
		return [...journalOver(this.sql).all()];
	}

	send(message: Partial<Inbound> & { text: string }, of = agent()) {
		const { events, reply } = accept(this.reactor.state, {
			identity: IDENTITY,
			agent: of,
			message: { key: `k${message.text}`, ...message },
		});
		this.reactor.append(events);
		this.reactor.reconcile();
		return reply;
	}

	cancel(reason = "") {
		const { events } = cancel(this.reactor.state, { by: "someone", reason });
		this.reactor.append(events);
		this.reactor.reconcile();
	}

	/** Memory is lost; the journal, the alarm and the machine are not. */
	crash(): void {
		this.#generation += 1;
		this.tasks.length = 0;
		this.reactor = this.#boot();
	}

	/** The alarm goes off if it is due. Returns whether it was. */
	ring(): boolean {
		if (this.alarmAt === undefined || this.alarmAt > this.now) return false;
		this.alarmAt = undefined;
		this.reactor.alarm();
		return true;
	}

	/** Lets everything happen, alarms included, until nothing is left to happen or the clock passed `until`. */
	async settle(until = this.now + 3_600_000): Promise<void> {
		for (;;) {
			await flush();
			const task = this.tasks.shift();
			if (task) task.run();
			else if (this.alarmAt === undefined || Math.max(this.now, this.alarmAt) > until) return;
			else {
				this.now = Math.max(this.now, this.alarmAt);
				this.ring();
			}
		}
	}

	/** Lets things happen, the clock included, until the condition holds. */
	async until(condition: () => boolean): Promise<void> {
		while (!condition()) {
			if (this.tasks.length > 0) await this.step(0);
			else if (this.alarmAt !== undefined) {
				this.now = Math.max(this.now, this.alarmAt);
				this.ring();
				await flush();
			} else throw new Error("nothing more will happen");
		}
	}

	/** One thing happens: the task at `index`, or an alarm that is due. */
	async step(index: number): Promise<void> {
		const [task] = this.tasks.splice(index, 1);
		task?.run();
		await flush();
	}

	/** The machine reports every finished call that nobody acknowledged. */
	finishOnNode(): void {
		for (const [callId, entry] of this.#machine) {
			if (entry.done) continue;
			this.tasks.push({ key: `result:${callId}`, run: () => this.#deliverResult(callId) });
		}
	}

	#deliverResult(callId: string): void {
		const entry = this.#machine.get(callId);
		const run = this.reactor.state.run;
		const call = run && owedCalls(run).find((open) => open.callId === callId);
		if (entry) entry.done = true;
		if (!run || !call || call.started?.incarnation !== this.incarnation) return;
		const content = `ran ${JSON.stringify(entry?.call.arguments)}`;
		this.reactor.append([{ type: "tool.completed", run: run.run, callId, name: call.name, content, isError: false, durationMs: 1 }]);
		this.reactor.reconcile();
	}

	#boot(): Reactor {
		const generation = this.#generation;
		const alive = () => generation === this.#generation;
		const journal = journalOver(this.sql);
		const ports: ReactorPorts = {
			now: () => this.now,
			journal: {
				all: () => journal.all(),
				append: (seq, at, events) => {
					if (this.diskDead) throw new Error("storage is unavailable");
					return journal.append(seq, at, events);
				},
			},
			setAlarm: (at) => {
				this.alarmAt = at;
			},
			appended: () => undefined,
			log: () => undefined,
			defaultModel: "offline/shell",
			checkpoints: true,
			execute: (effect) =>
				new Promise<Outcome>((resolve, reject) => {
					const run = () => {
						if (!alive()) return;
						if (this.outage) reject(new Error("the network is down"));
						else resolve(this.#execute(effect));
					};
					this.tasks.push({ key: effect.key, run });
				}),
		};
		return new Reactor(ports);
	}

	#execute(effect: Effect): Outcome {
		switch (effect.kind) {
			case "model": {
				this.modelCalls += 1;
				const reply = this.script(this.reactor.state.messages, this);
				const { run, step, attempt } = effect;
				if ("error" in reply) {
					const retryAt = reply.retryInMs === undefined ? undefined : this.now + reply.retryInMs;
					return { events: [{ type: "model.failed", run, step, attempt, code: "ProviderError", message: reply.error, retryAt }] };
				}
				const { content, stopReason = "end_turn" } = reply;
				const usage = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 };
				return {
					events: [{ type: "model.completed", run, step, message: { role: "assistant", content }, stopReason, usage, durationMs: 1 }],
				};
			}
			case "worker-tool": {
				const { run, callId, name } = effect;
				return { events: [{ type: "tool.completed", run, callId, name, content: "fetched", isError: false, durationMs: 1 }] };
			}
			case "node-call": {
				if (effect.call.incarnation !== this.incarnation) {
					const { state } = this.reactor;
					return { events: state.run ? nodeReplaced(state, state.run, effect.call.callId, { now: this.now }) : [] };
				}
				if (!this.#machine.has(effect.call.callId)) {
					this.#machine.set(effect.call.callId, { call: effect.call, done: false });
					this.ran.set(effect.call.callId, (this.ran.get(effect.call.callId) ?? 0) + 1);
				}
				this.finishOnNode();
				return { events: [], askAgainMs: 30_000 };
			}
			case "acquire": {
				if (this.full) {
					const message = "0/1 nodes are available: 1 Insufficient cpu.";
					const known = this.reactor.state.waitingFor === message;
					return { events: known ? [] : [{ type: "lease.queued", run: effect.run, message }], askAgainMs: 30_000 };
				}
				this.leases += 1;
				return { events: [{ type: "lease.granted", lease: this.lease() }] };
			}
			case "renew":
				return { events: [{ type: "lease.granted", lease: { ...effect.lease, expiresAt: this.now + 300_000 } }] };
			case "deliver":
				if (effect.delivery.to === "namespace") this.reports.push(effect.delivery.report);
				if (effect.delivery.to === "dispatcher" && !effect.delivery.forget) this.released += 1;
				if (effect.delivery.to === "node") this.stopped.push(effect.delivery.callId);
				return { events: [{ type: "delivered", id: effect.delivery.id }] };
			case "exec-watch":
				return { events: [], askAgainMs: 30_000 };
			case "collect":
				return { events: [{ type: "checkpoints.collected" }] };
			case "wipe":
				return { events: [] };
		}
	}

	lease() {
		return {
			id: `lease-${this.leases}`,
			session: "default/demo",
			node: "n1",
			incarnation: this.incarnation,
			expiresAt: this.now + 300_000,
		};
	}
}

export type ModelReply =
	| { content: Extract<Message, { role: "assistant" }>["content"]; stopReason?: "end_turn" | "tool_calls" | "max_tokens" | "refusal" }
	| { error: string; retryInMs?: number };

/** Lets promises that are settled already call back. */
async function flush(): Promise<void> {
	for (let i = 0; i < 5; i += 1) await Promise.resolve();
}

/** A model that asks for each batch of bash commands in turn and then says "done". */
export function commands(...batches: string[][]): (messages: readonly Message[]) => ModelReply {
	return (messages) => {
		const turn = messages.filter((message) => message.role === "assistant").length;
		const batch = batches[turn];
		if (!batch) return { content: [{ type: "text", text: "done" }] };
		const calls = batch.map((command, index) => ({
			type: "tool_call" as const,
			id: `t${turn}-${index}`,
			name: "bash",
			arguments: JSON.stringify({ command }),
		}));
		return { content: calls, stopReason: "tool_calls" };
	};
}
