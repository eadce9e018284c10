import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { checkpointMade } from "./checkpoints.ts";
import { decide } from "./decide.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { ExecAsks } from "./exec-asks.ts";
import { watchExec } from "./exec-watch.ts";
import { closeExec, EXEC_WATCH_MS, execEnded, forsakeExec, refuseExecs } from "./execs.ts";
import { recall } from "./recall.ts";
import { emptyState, type SessionState } from "./state.ts";

const NOW = 1_000;
const LONG = 10_000_000;
const CONTEXT = { defaultModel: "offline/shell", checkpoints: true };
const identity = { namespace: "ns", name: "s", uid: "0123456789abcdef" };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const lease = { id: "l", session: "ns/s", node: "n", incarnation: 3, expiresAt: LONG };
const granted: SessionEvent = { type: "lease.granted", lease };
const opened: SessionEvent = { type: "exec.opened", id: "e", by: "jane", kept: true };
const checkpoint = (digit: string, order: number) => ({ name: digit.repeat(64), files: 1, bytes: 2, storedBytes: 3, order });
const full = "0/1 nodes are available: 1 Insufficient cpu.";

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

/** A session that has answered a message, of which everybody knows. */
function idle(...events: SessionEvent[]): SessionState {
	const state = folded(
		emptyState(),
		{ type: "session.opened", identity, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: LONG },
		{ type: "run.started", run: "r", model: "m", deadlineAt: LONG },
		{ type: "run.finished", run: "r", phase: "Succeeded", code: "Completed", message: "", result: "done", iterations: 1, usage: NO_USAGE },
	);
	deliver(state);
	return folded(state, ...events);
}

/** A command is to run on a node of this session, whose model thinks. */
function thinking(): SessionState {
	return folded(
		idle(),
		{ type: "message.accepted", run: "r2", key: "k2", text: "go on", deadlineMs: LONG },
		{ type: "run.started", run: "r2", model: "m", deadlineAt: LONG },
	);
}

function deliver(state: SessionState): void {
	for (const id of [...state.outbox.keys()]) folded(state, { type: "delivered", id });
}

/** Lets the session do what it decides by itself. */
function settled(state: SessionState, now = NOW): SessionState {
	for (;;) {
		const { append } = decide(state, now, CONTEXT);
		if (append.length === 0) return state;
		folded(state, ...append);
	}
}

const effects = (state: SessionState, now = NOW) => decide(state, now, CONTEXT).effects;
const kinds = (state: SessionState, now = NOW) => effects(state, now).map(({ kind }) => kind);
const owed = (state: SessionState, to: string) => [...state.outbox.values()].filter((item) => item.to === to);
const reports = (state: SessionState) => [...state.outbox.values()].flatMap((item) => (item.to === "namespace" ? [item.report] : []));

describe("an open command of a person", () => {
	it("wants a lease, keeps the one it has, and gives it back when it ends", () => {
		const state = idle(opened);
		expect(effects(state)).toMatchObject([{ kind: "acquire", request: { session: "ns/s" } }]);
		settled(folded(state, granted));
		expect(state.lease).toEqual(lease);
		settled(folded(state, ...closeExec(state, { id: "e" })));
		expect([state.lease, owed(state, "dispatcher")]).toMatchObject([undefined, [{ lease: "l" }]]);
	});

	it("has the lease renewed for as long as it runs", () => {
		expect(kinds(idle(opened, granted), LONG - 100_000)).toContain("renew");
	});

	it("holds the lease after the run that took it", () => {
		const state = folded(thinking(), granted, opened);
		const answer: SessionEvent = {
			...{ type: "model.completed", run: "r2", step: 1, stopReason: "end_turn", usage: NO_USAGE, durationMs: 1 },
			message: { role: "assistant", content: [{ type: "text", text: "done" }] },
		};
		settled(folded(state, answer));
		expect([state.run, state.lease]).toEqual([undefined, lease]);
	});

	it("gets its lease while the model of a run thinks, and keeps its place when that run is cancelled", () => {
		const state = folded(thinking(), opened);
		expect(kinds(state)).toEqual(expect.arrayContaining(["model", "acquire"]));
		folded(state, { type: "lease.queued", run: "r2", message: full }, { type: "cancel.requested", run: "r2", by: "jane", reason: "" });
		settled(state);
		expect([state.run, state.waitingFor, owed(state, "dispatcher")]).toEqual([undefined, full, []]);
		expect(kinds(state)).toContain("acquire");
	});

	it("gives back its place in the queue when nobody waits for it any more", () => {
		const state = idle(opened, { type: "lease.queued", message: full });
		folded(state, ...execEnded(state, "e", {}));
		expect([state.execs.size, state.waitingFor, owed(state, "dispatcher").length]).toEqual([0, undefined, 1]);
	});

	it("keeps the lease until the last of several is over, and says nothing when an end is said twice", () => {
		const state = idle(opened, granted, { ...opened, id: "f" });
		settled(folded(state, ...execEnded(state, "e", {})));
		expect(state.lease).toEqual(lease);
		expect(execEnded(state, "e", {})).toEqual([]);
		settled(folded(state, ...execEnded(state, "f", {})));
		expect(state.lease).toBeUndefined();
	});

	it("ends with a sentence when no node will ever have room", () => {
		const state = idle(opened);
		expect(refuseExecs(state, "It is larger than any node.")).toEqual([
			{ type: "exec.closed", id: "e", refused: "It is larger than any node." },
		]);
	});

	it("ends when the session is deleted, and its client is told", () => {
		const state = settled(idle(opened, granted, { type: "session.closed" }));
		expect([state.execs.size, state.lease]).toEqual([0, undefined]);
		expect(owed(state, "exec")).toMatchObject([
			{ exec: "e", node: "n", incarnation: 3, reason: "The command was cut, because its session was deleted." },
		]);
	});

	it("that left files in no checkpoint binds the session to its node", () => {
		const state = idle(opened, granted);
		folded(state, ...execEnded(state, "e", { uncheckpointed: true }));
		expect(state.uncheckpointed).toBe(true);
	});

	it("ends with its checkpoint in one event, which no lost message can part, and said twice it is one", () => {
		const state = idle(opened, granted);
		const made = { node: "n", incarnation: 3, epoch: state.epoch, checkpoint: checkpoint("a", 1) };
		expect(execEnded(state, "e", { made })).toEqual([{ type: "exec.closed", id: "e", checkpoint: made.checkpoint }]);
		folded(state, ...checkpointMade(state, { ...made, exec: "e" }), ...execEnded(state, "e", { made }));
		expect([state.head, state.checkpoints.length]).toEqual([made.checkpoint.name, 1]);
		expect(execEnded(state, "e", { made })).toEqual([]);
	});

	it("of other files than the session's ends without a checkpoint", () => {
		const state = idle(opened, granted);
		const made = { node: "n", incarnation: 3, epoch: state.epoch - 1, checkpoint: checkpoint("a", 1) };
		expect(execEnded(state, "e", { made })).toEqual([{ type: "exec.closed", id: "e" }]);
	});

	it("that brings the files back to what the last checkpoint has sets the session free", () => {
		const state = idle(opened, granted, { ...opened, id: "f" }, { type: "checkpoint.made", checkpoint: checkpoint("a", 1) });
		folded(state, ...execEnded(state, "e", { uncheckpointed: true }));
		const made = { node: "n", incarnation: 3, epoch: state.epoch, checkpoint: checkpoint("a", 2) };
		folded(state, ...execEnded(state, "f", { made }));
		expect([state.uncheckpointed, state.head]).toEqual([false, made.checkpoint.name]);
	});

	it("that was closed before its node's word came has its checkpoint all the same", () => {
		const state = idle(opened, granted);
		folded(state, ...forsakeExec(state, "e"));
		const made = { node: "n", incarnation: 3, epoch: state.epoch, checkpoint: checkpoint("a", 1) };
		folded(state, ...execEnded(state, "e", { made }));
		expect([state.head, state.dirty.size]).toEqual([made.checkpoint.name, 0]);
	});

	it("on a machine that is gone takes the lease with it", () => {
		const state = idle(opened, granted);
		const lost = { node: "n", incarnation: 3 };
		folded(state, ...execEnded(state, "e", { lost }));
		expect(state.lease).toBeUndefined();
		expect(reports(state)[0]?.notices).toMatchObject([{ reason: "NodeLost", message: "Left node n: node n is gone" }]);
		expect(execEnded(idle(opened, granted), "e", { lost: { ...lost, incarnation: 2 } })).toMatchObject([{ type: "exec.closed", id: "e" }]);
	});
});

describe("what others see of an idle session with a command", () => {
	it("is its node, what it waits for, and no run", () => {
		const state = idle(opened, { type: "lease.queued", message: full });
		expect(reports(state)).toMatchObject([{ phase: "Idle", node: undefined, waitingFor: full, run: { run: "r", phase: "Succeeded" } }]);
		folded(state, granted);
		expect(reports(state)).toMatchObject([{ phase: "Idle", node: "n", waitingFor: undefined }]);
		deliver(state);
		settled(folded(state, ...closeExec(state, { id: "e" })));
		expect(reports(state)).toMatchObject([{ phase: "Idle", node: undefined }]);
	});

	it("is told once: without a command the end of a lease is no news", () => {
		const state = folded(thinking(), granted);
		settled(folded(state, { type: "cancel.requested", run: "r2", by: "jane", reason: "" }));
		const [last] = reports(state);
		expect(reports(state)).toHaveLength(1);
		expect(last?.run.phase).toBe("Cancelled");
	});

	it("does not hide how its task ended, when the namespace has yet to hear of that", () => {
		const task = { name: "t", uid: "u" };
		const state = folded(
			emptyState(),
			{ type: "session.opened", identity, agent },
			{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: LONG, task },
			{ type: "run.started", run: "r", model: "m", deadlineAt: LONG },
			{
				type: "run.finished",
				run: "r",
				phase: "Succeeded",
				code: "Completed",
				message: "",
				result: "done",
				iterations: 1,
				usage: NO_USAGE,
			},
			opened,
			granted,
		);
		expect(reports(state)).toMatchObject([{ task, node: "n", run: { phase: "Succeeded", result: "done" } }]);
	});
});

describe("a lease that is wanted back while a person's command runs", () => {
	const drain = { by: "jane", reason: "evicted by jane", cause: "Evicted" as const };

	it("is given back when the command ends, with the reason", () => {
		const state = idle(opened, granted);
		const { events, outcome } = recall(state, drain, NOW);
		expect(outcome).toBe("recalled");
		settled(folded(state, ...events), NOW + 900_000);
		expect(state.lease).toEqual(lease);
		settled(folded(state, ...closeExec(state, { id: "e" })));
		expect(state.lease).toBeUndefined();
		expect(reports(state)[0]?.notices).toMatchObject([{ reason: "Evicted", message: "Left node n: evicted by jane" }]);
	});

	it("is given back when the time is over: the command is cut, its client reads why, and so does the session's event", () => {
		const state = idle(opened, granted);
		folded(state, ...recall(state, { ...drain, cutAfterMs: 3_000 }, NOW).events);
		expect(decide(state, NOW + 2_999, CONTEXT)).toMatchObject({ append: [], wakeAt: NOW + 3_000 });
		settled(state, NOW + 3_000);
		expect([state.execs.size, state.lease]).toEqual([0, undefined]);
		expect(owed(state, "exec")).toMatchObject([
			{ exec: "e", node: "n", incarnation: 3, reason: "The command was cut, because its machine was wanted back: evicted by jane" },
		]);
		expect(reports(state)[0]?.notices).toMatchObject([
			{ reason: "Cut", message: "Cut a command of jane on node n before it ended: evicted by jane" },
			{ reason: "Evicted" },
		]);
	});

	it("that is taken away cuts the command, too", () => {
		const state = idle(opened, granted, { type: "lease.released", id: "l", reason: "the dispatcher took it back" });
		expect(state.execs.size).toBe(0);
		expect(owed(state, "exec")).toMatchObject([{ exec: "e", reason: expect.stringContaining("the dispatcher took it back") }]);
	});
});

describe("a command of which nothing is heard", () => {
	const watched = (state: SessionState) => effects(state, NOW + EXEC_WATCH_MS).filter(({ kind }) => kind === "exec-watch");

	it("is asked about at its node after a while, and not before", () => {
		const state = idle(opened, granted);
		expect(kinds(state, NOW + EXEC_WATCH_MS - 1)).not.toContain("exec-watch");
		expect(decide(state, NOW, CONTEXT).wakeAt).toBe(NOW + EXEC_WATCH_MS);
		expect(watched(state)).toMatchObject([{ exec: "e", node: "n" }]);
	});

	it.each([
		["its node has it", { has: true, askedAt: undefined, closed: false }],
		["somebody still asks for its place", { has: false, askedAt: NOW + 500, closed: false }],
		["nobody knows of it", { has: false, askedAt: NOW, closed: true }],
		["nobody has asked since klaw was restarted", { has: false, askedAt: undefined, closed: true }],
	])("while %s: %j", async (_, { has, askedAt, closed }) => {
		const state = idle(opened, granted);
		const asks = new ExecAsks(NOW);
		if (askedAt !== undefined) asks.asked("e", askedAt);
		const outcome = await watchExec("e", { state, asks, hasExec: async () => has, now: () => NOW + EXEC_WATCH_MS });
		expect(outcome).toEqual(
			closed ? { events: [{ type: "exec.closed", id: "e", untold: true }] } : { events: [], askAgainMs: EXEC_WATCH_MS },
		);
	});
});
