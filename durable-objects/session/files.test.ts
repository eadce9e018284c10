import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { Lease, SessionReport } from "../ports.ts";
import { decide } from "./decide.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { filesLost } from "./files.ts";
import { leaseRequest } from "./lease-request.ts";
import type { Delivery } from "./outbox.ts";
import { recall } from "./recall.ts";
import { emptyState, type SessionState } from "./state.ts";
import { workspaceState } from "./workspace-state.ts";

const identity = { namespace: "ns", name: "s", uid: "0123456789abcdef" };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const NOW = Date.UTC(2026, 10, 22, 8);
const CONTEXT = { defaultModel: "offline/shell", checkpoints: true };
const OVER = { reason: "OverCeiling", message: "The workspace has 2.0 GiB, over its ceiling of 1.0 GiB." };
const CHECKPOINT = { name: "c".repeat(64), files: 1, bytes: 2, storedBytes: 3 };
const evict = { by: "jane", reason: "evicted by jane", cause: "Evicted" as const, abandon: true };

const lease = (node: string, more: Partial<Lease> = {}): Lease => ({
	...{ id: `${node}-${more.incarnation ?? 1}`, session: "ns/s", node, incarnation: 1, expiresAt: NOW + 300_000 },
	...more,
});

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

/** A run that holds node n. */
function running(more: Partial<Lease> = {}): SessionState {
	return folded(
		emptyState(),
		{ type: "session.opened", identity, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
		{ type: "run.started", run: "r", model: "m", deadlineAt: NOW + 1_000_000 },
		{ type: "lease.granted", lease: lease("n", more) },
	);
}

/** The model asks for a command, and it begins. @returns its id */
function begun(state: SessionState, { kept = true }: { kept?: boolean } = {}): string {
	folded(state, {
		...{ type: "model.completed", run: "r", step: 1, stopReason: "tool_calls", usage: NO_USAGE, durationMs: 1 },
		message: { role: "assistant", content: [{ type: "tool_call", id: "c", name: "bash", arguments: '{"command":"true"}' }] },
	});
	const callId = state.run?.calls[0]?.callId ?? "";
	const { node = "", incarnation = 0 } = state.lease ?? {};
	const call = { callId, name: "bash", node, incarnation, giveUpAt: NOW + 60_000, ...(kept && { kept: true as const }) };
	return folded(state, { type: "tools.started", run: "r", calls: [call] }).run?.calls[0]?.callId ?? "";
}

type Result = Partial<Extract<SessionEvent, { type: "tool.completed" }>>;

/** A command runs from its begin to its end. */
function ran(state: SessionState, result: Result, how: { kept?: boolean } = {}): SessionState {
	const callId = begun(state, how);
	return folded(state, {
		type: "tool.completed",
		run: "r",
		callId,
		name: "bash",
		content: "done",
		isError: false,
		durationMs: 1,
		...result,
	});
}

const over: Result = { uncheckpointed: true, unkept: OVER };
const finished: SessionEvent = {
	...{ type: "run.finished", run: "r", phase: "Succeeded", code: "Completed", message: "", result: "", iterations: 1, usage: NO_USAGE },
};

const owed = (state: SessionState, to: Delivery["to"]) => [...state.outbox.values()].filter((delivery) => delivery.to === to);
const reported = (state: SessionState): SessionReport | undefined =>
	[...state.outbox.values()].flatMap((delivery) => (delivery.to === "namespace" ? [delivery.report] : [])).at(-1);
const reasons = (state: SessionState) => (reported(state)?.notices ?? []).map(({ reason }) => reason);
const isBound = (state: SessionState) => leaseRequest(identity, state, agent).workspaceBound === true;
/** What the model read last. */
const told = (state: SessionState) => {
	const last = state.messages.at(-1);
	return last?.role === "tool" ? last.results[0]?.content : undefined;
};

describe("files that are in no checkpoint", () => {
	it("are reported with the reason, the numbers and the node, once as an event", () => {
		const state = ran(ran(running(), over), over);
		expect(reported(state)?.checkpointed).toEqual({
			...{ node: "n", reason: "OverCeiling", since: NOW },
			message: `The files of the session are on node n and nowhere else. ${OVER.message}`,
		});
		expect(reasons(state)).toEqual(["OverCeiling"]);
	});

	it("are reported while nothing runs, too", () => {
		const state = folded(ran(running(), over), finished, { type: "lease.released", id: "n-1" });
		expect(reported(state)).toMatchObject({ phase: "Idle", node: undefined, checkpointed: { node: "n" } });
	});

	it("keep their machine: the dispatcher hears of it with the lease, and at once while it is held", () => {
		const state = ran(running({ bound: false }), over);
		const renews = decide(state, NOW, CONTEXT).effects.filter(({ kind }) => kind === "renew");
		expect(renews).toHaveLength(1);
		folded(state, { type: "lease.granted", lease: lease("n", { bound: true }) });
		expect(decide(state, NOW, CONTEXT).effects.filter(({ kind }) => kind === "renew")).toEqual([]);
		folded(state, finished, { type: "lease.released", id: "n-1" });
		expect(owed(state, "dispatcher")).toMatchObject([{ lease: "n-1", bound: "n" }]);
	});

	it("of a deployment without a store are all that a command may leave, from its begin on", () => {
		const state = running();
		begun(state, { kept: false });
		expect([isBound(state), reported(state)?.checkpointed?.reason]).toEqual([true, "NoStore"]);
		const person = folded(running(), { type: "exec.opened", id: "e", by: "jane" });
		expect([isBound(person), reported(person)?.checkpointed?.reason]).toEqual([true, "NoStore"]);
	});

	it("bind the session no longer when a checkpoint has them", () => {
		const state = ran(ran(running(), over), { checkpoint: CHECKPOINT });
		expect(isBound(state)).toBe(false);
		expect(reported(state)?.checkpointed).toEqual({ reason: "Checkpointed", message: "", since: NOW });
		expect(reasons(state)).toEqual(["OverCeiling", "Checkpointed"]);
	});

	it("that are checkpointed while nothing runs set their machine free", () => {
		const state = folded(ran(running(), over), finished, { type: "lease.released", id: "n-1" });
		folded(state, { type: "checkpoint.made", checkpoint: CHECKPOINT });
		expect(owed(state, "dispatcher").map((delivery) => "bound" in delivery)).toEqual([false, false]);
	});
});

describe("a node that is no more", () => {
	it("took the files of a session that was asleep with it, which is said at once", () => {
		const state = folded(ran(ran(running(), { checkpoint: CHECKPOINT }), over), finished, { type: "lease.released", id: "n-1" });
		expect(filesLost(state, "other")).toEqual([]);
		folded(state, ...filesLost(state, "n"));
		expect(reported(state)?.checkpointed).toEqual({ reason: "WorkspaceLost", message: "", since: NOW });
		expect([isBound(state), reasons(state).filter((reason) => reason === "WorkspaceLost")]).toEqual([false, ["WorkspaceLost"]]);
		expect(filesLost(state, "n")).toEqual([]);
		expect(workspaceState(state, agent.spec, true)).toMatchObject({ checkpoint: CHECKPOINT.name });
	});

	it("is found out by its call when the session holds a lease there", () => {
		expect(filesLost(ran(running(), over), "n")).toEqual([]);
	});
});

describe("an eviction by a person", () => {
	it("of a session that is idle gives up what is in no checkpoint, and it leaves the node", () => {
		const state = folded(ran(ran(running(), { checkpoint: CHECKPOINT }), over), finished, { type: "lease.released", id: "n-1" });
		const { events, outcome } = recall(state, evict, NOW);
		expect([events, outcome]).toEqual([[{ type: "workspace.abandoned", by: "jane", reason: "evicted by jane" }], "evicted"]);
		folded(state, ...events);
		expect(reported(state)?.checkpointed).toEqual({ reason: "WorkspaceAbandoned", message: "", since: NOW });
		expect(reasons(state)).toContain("WorkspaceAbandoned");
		expect(isBound(state)).toBe(false);
		expect(owed(state, "dispatcher").some((delivery) => "bound" in delivery)).toBe(false);
		expect(owed(state, "workspace")).toMatchObject([{ node: "n", moved: true }]);
		expect(recall(state, evict, NOW).events).toEqual([]);
	});

	it("gives them up with the lease, and the last checkpoint is restored wherever it goes next, even there", () => {
		const state = ran(ran(running(), { checkpoint: CHECKPOINT }), over);
		const { epoch } = workspaceState(state, agent.spec, true);
		folded(state, ...recall(state, evict, NOW).events);
		expect([reported(state)?.node, reported(state)?.checkpointed?.node]).toEqual([undefined, undefined]);
		folded(state, { type: "lease.granted", lease: lease("n", { id: "again" }) });
		const next = workspaceState(state, agent.spec, true);
		expect([next.epoch > epoch, next.checkpoint, next.here]).toEqual([true, CHECKPOINT.name, undefined]);
		expect(told(ran(state, {}))).toBe(
			"[The last changes to this session's files were in no checkpoint, and were given up (evicted by jane). The files are those of checkpoint cccccccccccc, made at 2026-11-22T08:00:00Z after bash: look at what is missing. Besides, what ran in the background is gone, and so are directories that checkpoints leave out, such as node_modules, .venv and target.]\ndone",
		);
	});

	it("waits for the call that runs, and gives up what is in no checkpoint by then", () => {
		const state = ran(running(), over);
		const callId = begun(state);
		folded(state, ...recall(state, evict, NOW).events);
		expect(decide(state, NOW, CONTEXT).append).toEqual([]);
		folded(state, { type: "tool.completed", run: "r", callId, name: "bash", content: "", isError: false, durationMs: 1, ...over });
		expect(decide(state, NOW, CONTEXT).append).toMatchObject([{ type: "lease.released" }, { type: "workspace.abandoned" }]);
	});

	it("gives nothing up when a checkpoint has everything by then", () => {
		const state = ran(running(), over);
		const callId = begun(state);
		folded(state, ...recall(state, evict, NOW).events);
		const result = { type: "tool.completed" as const, run: "r", callId, name: "bash", content: "", isError: false, durationMs: 1 };
		folded(state, { ...result, checkpoint: CHECKPOINT });
		expect(decide(state, NOW, CONTEXT).append).toMatchObject([{ type: "lease.released" }]);
	});

	it("of a pod that had no such files keeps those that come about before it leaves", () => {
		const state = running();
		const callId = begun(state);
		folded(state, ...recall(state, { ...evict, abandon: false }, NOW).events);
		folded(state, { type: "tool.completed", run: "r", callId, name: "bash", content: "", isError: false, durationMs: 1, ...over });
		const { append } = decide(state, NOW, CONTEXT);
		expect(append).toMatchObject([{ type: "lease.released" }]);
		expect([isBound(folded(state, ...append)), reported(state)?.checkpointed?.node]).toEqual([true, "n"]);
	});

	it("that is repeated with the files known gives them up, and keeps the earlier end", () => {
		const state = ran(running(), over);
		begun(state);
		folded(state, ...recall(state, { ...evict, abandon: false, cutAfterMs: 5_000 }, NOW).events);
		const { events } = recall(state, evict, NOW);
		expect(events).toMatchObject([{ type: "lease.recalled", abandon: true, cutAt: NOW + 5_000 }]);
		expect(recall(folded(state, ...events), evict, NOW).events).toEqual([]);
	});

	it("is no eviction by the scheduler: preemption and taints leave the files where they are", () => {
		const state = ran(running(), over);
		const preempted = { by: "preemption", reason: "preempted", cause: "Preempted" as const, lease: "n-1" };
		folded(state, ...recall(state, preempted, NOW).events);
		expect([state.lease, isBound(state), reported(state)?.checkpointed?.node]).toEqual([undefined, true, "n"]);
	});
});

describe("a session that is placed again", () => {
	it("where its machine was lost and is back has its files there, and the model is told", () => {
		const state = ran(running({ machine: "m" }), over);
		const { epoch } = workspaceState(state, agent.spec, true);
		const lost: SessionEvent = { type: "lease.released", id: "n-1", reason: "node n is gone", cause: "NodeLost" };
		folded(state, lost, { type: "lease.granted", lease: lease("n", { incarnation: 2, machine: "m" }) });
		expect(workspaceState(state, agent.spec, true)).toMatchObject({ epoch, here: true });
		expect(isBound(state)).toBe(true);
		expect(told(ran(state, over))).toMatch(/^\[The machine of this session was lost for a while and is back\. /);
	});

	it.each([
		["on another machine of that name", lease("n", { incarnation: 2, machine: "other" })],
		["on another node", lease("o", { machine: "m" })],
	])("%s has lost what was in no checkpoint, and everybody is told", (_, next) => {
		const state = ran(running({ machine: "m" }), over);
		folded(state, { type: "lease.released", id: "n-1" }, { type: "lease.granted", lease: next });
		expect(isBound(state)).toBe(false);
		expect(reasons(state)).toContain("WorkspaceLost");
		expect(told(ran(state, { checkpoint: CHECKPOINT }))).toBe(
			"[The machine that held this session's files is gone. This ran on another one, in an empty workspace.]\ndone",
		);
	});

	it("and had left nothing is told of no loss", () => {
		const state = ran(running(), {});
		folded(state, { type: "lease.released", id: "n-1" }, { type: "lease.granted", lease: lease("o") });
		expect(reasons(state)).toEqual([]);
		expect(told(ran(state, {}))).toMatch(/^\[This session moved to another machine\. .* this ran in an empty workspace\.\]\ndone$/);
	});

	it("before anything had begun is told nothing", () => {
		const state = folded(running(), { type: "lease.released", id: "n-1" }, { type: "lease.granted", lease: lease("o") });
		expect(told(ran(state, {}))).toBe("done");
	});
});
