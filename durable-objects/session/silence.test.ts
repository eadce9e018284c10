import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { CallReply, SessionReport } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { silenceEvents } from "./silence.ts";
import { emptyState, type SessionState } from "./state.ts";
import { nodeReplaced } from "./tool-calls.ts";

const NOW = Date.UTC(2026, 11, 3, 10, 0, 0);
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const lease = { id: "l", session: "ns/s", node: "n1", incarnation: 3, expiresAt: NOW + 300_000 };
const on = { node: "n1", incarnation: 3 };
const silence = { since: NOW, connected: false, lostAt: NOW + 40_000 };

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

/** Two commands run on the node. */
function busy(): SessionState {
	const content = ["c1", "c2"].map((id) => ({ type: "tool_call" as const, id, name: "bash", arguments: '{"command":"true"}' }));
	const state = folded(
		emptyState(),
		{ type: "session.opened", identity: { namespace: "ns", name: "s", uid: "0123456789abcdef" }, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
		{ type: "run.started", run: "r", model: "m", deadlineAt: NOW + 1_000_000 },
		{ type: "lease.granted", lease },
		{
			...{ type: "model.completed", run: "r", step: 1, stopReason: "tool_calls", usage: NO_USAGE, durationMs: 1 },
			message: { role: "assistant", content },
		},
	);
	const calls = (state.run?.calls ?? []).map(({ callId }) => ({
		callId,
		name: "bash",
		...on,
		giveUpAt: NOW + 900_000,
		kept: true as const,
	}));
	return folded(state, { type: "tools.started", run: "r", calls });
}

const answers = (state: SessionState, reply: CallReply) => folded(state, ...silenceEvents(state, on, reply));
const callId = (state: SessionState, at: number) => state.run?.calls[at]?.callId ?? "";

/** What the namespace was told last, and all that happened since it last heard. */
function reported(state: SessionState): Partial<SessionReport> {
	const report = [...state.outbox.values()].flatMap((owed) => (owed.to === "namespace" ? [owed.report] : [])).at(-1);
	return report ? { phase: report.phase, waitingFor: report.waitingFor, notices: report.notices } : {};
}

describe("a session whose machine does not speak", () => {
	it("says so, since when, and how long the machine is given", () => {
		const state = answers(busy(), { state: "disconnected", silence });
		expect(reported(state)).toEqual({
			phase: "Waiting",
			waitingFor:
				"Node n1 is not connected since 2026-12-03T10:00:00Z. It is given until 2026-12-03T10:00:40Z; then it is lost, and the session goes on elsewhere.",
			notices: [{ type: "Warning", reason: "NodeNotReady", message: "Node is not ready" }],
		});
	});

	it("tells a connection that is open and quiet from one that has ended", () => {
		const state = answers(busy(), { state: "sent", silence: { ...silence, connected: true } });
		expect(state.waitingFor).toMatch(/^Nothing was heard of node n1 since 2026-12-03T10:00:00Z\. /);
	});

	it("journals it once, however often it asks", () => {
		const state = answers(busy(), { state: "disconnected", silence });
		expect(silenceEvents(state, on, { state: "disconnected", silence })).toEqual([]);
	});

	it("does not take a call that could not be sent for a sign of life", () => {
		const state = answers(busy(), { state: "disconnected", silence });
		expect(silenceEvents(state, on, { state: "disconnected" })).toEqual([]);
	});
});

describe("the silence is over", () => {
	it("when the machine is heard again", () => {
		const state = answers(answers(busy(), { state: "disconnected", silence }), { state: "sent" });
		expect(reported(state)).toMatchObject({ phase: "Running", waitingFor: undefined });
	});

	it("when a result arrives, though another call is still under way", () => {
		const state = answers(busy(), { state: "disconnected", silence });
		folded(state, { type: "tool.completed", run: "r", callId: callId(state, 0), name: "bash", content: "", isError: false, durationMs: 1 });
		expect(reported(state)).toMatchObject({ phase: "Running", waitingFor: undefined });
	});

	it("not when one of two calls is given up", () => {
		const state = answers(busy(), { state: "disconnected", silence });
		const cut = { type: "tool.completed" as const, run: "r", name: "bash", content: "cut", isError: true, durationMs: 1 };
		folded(state, { ...cut, callId: callId(state, 0), abandoned: true });
		expect(state.waitingFor).toContain("is not connected");
		folded(state, { ...cut, callId: callId(state, 1), abandoned: true });
		expect(reported(state)).toMatchObject({ phase: "Running", waitingFor: undefined });
	});

	it("when the machine is lost, whether or not the session still had its lease", () => {
		for (const released of [false, true]) {
			const state = answers(busy(), { state: "disconnected", silence });
			if (released) folded(state, { type: "lease.released", id: "l" });
			for (const at of [0, 1]) {
				const { run } = state;
				if (run) folded(state, ...nodeReplaced(state, run, callId(state, at), { now: NOW + 42_000 }));
			}
			expect(reported(state)).toMatchObject({ phase: "Running", waitingFor: undefined });
			const last = state.messages.at(-1);
			expect(last?.role === "tool" && last.results[0]?.content).toMatch(
				/^outcome unknown: node n1 was lost, or replaced by another machine, 42 s after it began\. /,
			);
		}
	});

	it("and what a call waited for before is waited for again", () => {
		const state = folded(busy());
		const away = "The store of checkpoints is away.";
		folded(state, { type: "tool.waiting", run: "r", callId: callId(state, 0), message: away, giveUpAt: NOW + 900_000 });
		answers(state, { state: "disconnected", silence });
		expect(state.waitingFor).toContain("is not connected");
		answers(state, { state: "sent" });
		expect(reported(state)).toMatchObject({ phase: "Waiting", waitingFor: away });
	});
});

it("a call that goes to another machine does not wait for what it waited for on the first", () => {
	const state = busy();
	const message = "The store of checkpoints is away.";
	folded(state, { type: "tool.waiting", run: "r", callId: callId(state, 0), message, giveUpAt: NOW + 900_000 });
	folded(state, { type: "tools.unbound", run: "r", callId: callId(state, 0) });
	expect(reported(state)).toMatchObject({ phase: "Running", waitingFor: undefined });
});

it("a renewed lease does not end what is waited for", () => {
	const state = answers(busy(), { state: "disconnected", silence });
	folded(state, { type: "lease.granted", lease: { ...lease, expiresAt: NOW + 600_000 } });
	expect(state.waitingFor).toContain("is not connected");
});

it("a run that is refused for good waits for nothing any more", () => {
	const state = folded(
		emptyState(),
		{ type: "session.opened", identity: { namespace: "ns", name: "s", uid: "0123456789abcdef" }, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
		{ type: "run.started", run: "r", model: "m", deadlineAt: NOW + 1_000_000 },
		{ type: "lease.queued", run: "r", message: "0/2 nodes are available: 2 Insufficient cpu." },
		{ type: "lease.refused", run: "r", message: "No node is large enough." },
		{
			...{ type: "run.finished", run: "r", phase: "Failed", code: "Unschedulable", message: "No node is large enough." },
			...{ result: "", iterations: 1, usage: NO_USAGE },
		},
	);
	expect(reported(state)).toMatchObject({ phase: "Idle", waitingFor: undefined });
});
