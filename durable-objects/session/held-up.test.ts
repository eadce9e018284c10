import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { decide } from "./decide.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { EXEC_GRACE_MS } from "./held-up.ts";
import { type Recall, recall } from "./recall.ts";
import { emptyState, type SessionState } from "./state.ts";

const identity = { namespace: "ns", name: "s", uid: "0123456789abcdef" };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const lease = { id: "l", session: "ns/s", node: "n", incarnation: 3, expiresAt: 10_000_000 };
const granted: SessionEvent = { type: "lease.granted", lease };
const NOW = 1_000;
const CONTEXT = { defaultModel: "offline/shell", checkpoints: true };
const preempted: Recall = { by: "klaw", reason: "preempted by ns/urgent", cause: "Preempted", cutExecsAfterMs: EXEC_GRACE_MS };
const drained: Recall = { by: "joe", reason: "evicted by joe", cause: "Evicted" };

const folded = (state: SessionState, ...events: SessionEvent[]) => foldedAt(NOW, state, events);

function foldedAt(at: number, state: SessionState, events: readonly SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at, event });
	return state;
}

/** The session has a lease, under which jane has a shell open. */
function shell(...events: SessionEvent[]): SessionState {
	return folded(
		emptyState(),
		{ type: "session.opened", identity, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
		{ type: "run.started", run: "r", model: "m", deadlineAt: 2_000_000 },
		opened("e", "jane"),
		granted,
		...events,
	);
}

const opened = (id: string, by: string): SessionEvent => ({ type: "exec.opened", id, by, kept: true });
/** The model of the run asks for a command. */
const asked: SessionEvent = {
	...{ type: "model.completed", run: "r", step: 1, stopReason: "tool_calls", usage: NO_USAGE, durationMs: 1 },
	message: { role: "assistant", content: [{ type: "tool_call", id: "c1", name: "bash", arguments: '{"command":"true"}' }] },
};
const recalled = (state: SessionState, by: Recall) => folded(state, ...recall(state, by, NOW).events);

function settled(state: SessionState, now = NOW): SessionState {
	for (;;) {
		const { append } = decide(state, now, CONTEXT);
		if (append.length === 0) return state;
		foldedAt(now, state, append);
	}
}

const reports = (state: SessionState) => [...state.outbox.values()].flatMap((item) => (item.to === "namespace" ? [item.report] : []));
const SAID = "the machine is wanted back (evicted by joe); a command of jane runs there";

describe("a run whose machine is wanted back, and kept by a shell that somebody left open", () => {
	it("says what it waits for", () => {
		const state = settled(recalled(shell(asked), drained));
		expect(reports(state)).toMatchObject([{ phase: "Waiting", waitingFor: SAID, node: "n" }]);
	});

	it("cuts the shell in the end, whose person reads why, and goes on elsewhere", () => {
		const state = settled(recalled(shell(asked), drained));
		expect(decide(state, NOW, CONTEXT).wakeAt).toBe(NOW + EXEC_GRACE_MS);
		settled(state, NOW + EXEC_GRACE_MS - 1);
		expect([...state.execs.keys()]).toEqual(["e"]);
		settled(state, NOW + EXEC_GRACE_MS);
		expect([state.execs.size, state.lease, state.waitingFor]).toEqual([0, undefined, undefined]);
		expect(state.outbox.get("exec:e")).toMatchObject({ node: "n", reason: expect.stringContaining("evicted by joe") });
		expect(reports(state)[0]?.notices).toMatchObject([
			{ reason: "Cut", message: expect.stringContaining("a command of jane") },
			{ reason: "Evicted" },
		]);
	});

	it("names who is still there when one of several leaves", () => {
		const state = settled(recalled(shell(opened("f", "bob"), asked), drained));
		expect(state.waitingFor).toContain("2 commands of people run there");
		settled(folded(state, { type: "exec.closed", id: "e" }));
		expect(state.waitingFor).toContain("a command of bob runs there");
	});

	it("waits for nothing any more once it has ended", () => {
		const state = settled(recalled(shell(asked), drained));
		folded(state, { type: "cancel.requested", run: "r", by: "jane", reason: "" });
		settled(state);
		expect([state.run, state.waitingFor, state.execs.size]).toEqual([undefined, undefined, 1]);
	});
});

describe("a shell that alone keeps a lease which is wanted back", () => {
	it("is cut after its time by whoever is no person", () => {
		const state = settled(recalled(shell(), preempted));
		expect(decide(state, NOW, CONTEXT).wakeAt).toBe(NOW + EXEC_GRACE_MS);
		settled(state, NOW + EXEC_GRACE_MS);
		expect([state.execs.size, state.lease]).toEqual([0, undefined]);
	});

	it("is waited for by a person who drains the node and sets no time", () => {
		const state = settled(recalled(shell(), drained), NOW + 1_000_000);
		expect([state.execs.size, state.lease]).toEqual([1, lease]);
	});

	it("has the shorter time when another one than that person wants the machine too", () => {
		const state = recalled(recalled(shell(), drained), preempted);
		settled(state, NOW + EXEC_GRACE_MS);
		expect(state.execs.size).toBe(0);
	});

	it("is not what is waited for while a command of the agent runs, and is cut when that is through", () => {
		const state = settled(shell(asked));
		recalled(state, preempted);
		const later = settled(state, NOW + EXEC_GRACE_MS);
		expect([later.execs.size, decide(later, NOW + EXEC_GRACE_MS, CONTEXT).wakeAt ?? Infinity]).toEqual([1, expect.any(Number)]);
		expect(decide(later, NOW + EXEC_GRACE_MS, CONTEXT).wakeAt).toBeGreaterThan(NOW + EXEC_GRACE_MS);
		const callId = state.run?.calls[0]?.callId ?? "";
		folded(state, { type: "tool.completed", run: "r", callId, name: "bash", content: "", isError: false, durationMs: 1 });
		settled(state, NOW + EXEC_GRACE_MS);
		expect([state.execs.size, state.lease]).toEqual([0, undefined]);
	});
});

describe("a session whose node's object does not take its word", () => {
	it("says so after a moment, and takes it back when it has another machine", () => {
		const state = settled(shell(asked));
		folded(state, { type: "lease.released", id: "l", reason: "the dispatcher took it back" });
		folded(state, { type: "tools.unbound", run: "r", callId: state.run?.calls[0]?.callId ?? "" });
		expect(settled(state, NOW + 1_000).waitingFor).toBeUndefined();
		const { wakeAt = 0 } = decide(state, NOW + 1_000, CONTEXT);
		expect(wakeAt).toBeLessThan(NOW + 60_000);
		settled(state, wakeAt);
		expect(reports(state)).toMatchObject([
			{ phase: "Waiting", waitingFor: expect.stringContaining("what the session left on node n is to end first") },
		]);
		folded(state, { type: "lease.granted", lease: { ...lease, id: "m", node: "m" } });
		expect(state.waitingFor).toBeUndefined();
	});
});

describe("a person's command whose end is not its node's word", () => {
	it("is told to the node, where it may still be on its way", () => {
		const state = folded(shell(), { type: "exec.closed", id: "e", untold: true });
		expect(state.outbox.get("exec:e")).toMatchObject({ to: "exec", node: "n", incarnation: 3, exec: "e" });
	});

	it("is told to nobody when it is, or when there is no node", () => {
		const ended = folded(shell(), { type: "exec.closed", id: "e" });
		const nowhere = folded(emptyState(), { type: "session.opened", identity, agent }, opened("e", "jane"), {
			type: "exec.closed",
			id: "e",
			untold: true,
		});
		expect([ended, nowhere].map(({ outbox }) => outbox.has("exec:e"))).toEqual([false, false]);
	});
});
