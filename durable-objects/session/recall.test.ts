import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { decide } from "./decide.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { type Recall, recall } from "./recall.ts";
import { emptyState, type SessionState } from "./state.ts";

const identity = { namespace: "ns", name: "s", uid: "0123456789abcdef" };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const lease = { id: "l", session: "ns/s", node: "n", incarnation: 3, expiresAt: 10_000_000 };
const NODE = { node: "n", incarnation: 3, kept: true as const };
const NOW = 1_000;
const CONTEXT = { defaultModel: "offline/shell", checkpoints: true };
const drain: Recall = { by: "jane", reason: "evicted by jane" };

function having(...events: SessionEvent[]): SessionState {
	const state = emptyState();
	return folded(state, ...events);
}

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

const holding: SessionEvent[] = [
	{ type: "session.opened", identity, agent },
	{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
	{ type: "run.started", run: "r", model: "m", deadlineAt: 2_000_000 },
	{ type: "lease.granted", lease },
];
const asked: SessionEvent = {
	...{ type: "model.completed", run: "r", step: 1, stopReason: "tool_calls", usage: NO_USAGE, durationMs: 1 },
	message: {
		role: "assistant",
		content: [
			{ type: "tool_call", id: "c1", name: "bash", arguments: '{"command":"true"}' },
			{ type: "tool_call", id: "c2", name: "bash", arguments: '{"command":"false"}' },
		],
	},
};

/** Two commands run on the node. */
function busy(): SessionState {
	const state = having(...holding, asked);
	const calls = (state.run?.calls ?? []).map(({ callId }) => ({ callId, name: "bash", ...NODE, giveUpAt: 9_000_000 }));
	return folded(state, { type: "tools.started", run: "r", calls });
}

/** The call at this place comes back. */
function answered(state: SessionState, at: number): SessionState {
	const callId = state.run?.calls[at]?.callId ?? "";
	return folded(state, { type: "tool.completed", run: "r", callId, name: "bash", content: "", isError: false, durationMs: 1 });
}

describe("a lease that is wanted back", () => {
	it("is given back at once while the model thinks, and the session's report says so", () => {
		const state = having(...holding);
		const { events, outcome } = recall(state, drain, NOW);
		expect([events, outcome]).toEqual([[{ type: "lease.released", id: "l", reason: "evicted by jane" }], "evicted"]);
		folded(state, ...events);
		const reports = [...state.outbox.values()].flatMap((owed) => (owed.to === "namespace" ? [owed.report] : []));
		expect(reports).toMatchObject([{ phase: "Running", node: undefined }]);
	});

	it("of a session without a node is nothing to give back", () => {
		expect(recall(having(), drain, NOW)).toEqual({ events: [], outcome: "evicted" });
	});

	it("is kept until every command that runs is through, however long that takes", () => {
		const state = busy();
		const { events, outcome } = recall(state, drain, NOW);
		expect(outcome).toBe("recalled");
		folded(state, ...events);
		expect(decide(state, NOW + 900_000, CONTEXT).append).toEqual([]);
		answered(state, 0);
		expect(decide(state, NOW, CONTEXT).append).toEqual([]);
		answered(state, 1);
		expect(decide(state, NOW, CONTEXT).append).toEqual([{ type: "lease.released", id: "l", reason: "evicted by jane" }]);
	});

	it("takes no further call", () => {
		const state = having(...holding, asked);
		const [first] = state.run?.calls ?? [];
		const started = { callId: first?.callId ?? "", name: "bash", ...NODE, giveUpAt: 9_000_000 };
		folded(state, { type: "tools.started", run: "r", calls: [started] });
		folded(state, ...recall(state, drain, NOW).events);
		const decision = decide(state, NOW, CONTEXT);
		expect([decision.append, decision.effects.filter(({ kind }) => kind === "node-call").length]).toEqual([[], 1]);
	});

	it("cuts what still runs when its time is over, and tells the model that nobody knows the outcome", () => {
		const state = busy();
		answered(state, 0);
		folded(state, ...recall(state, { ...drain, cutAfterMs: 300_000 }, NOW).events);
		expect(decide(state, NOW + 299_999, CONTEXT)).toMatchObject({ append: [], wakeAt: NOW + 300_000 });
		const cut = decide(state, NOW + 300_000, CONTEXT).append;
		expect(cut).toMatchObject([
			{
				...{ type: "tool.completed", abandoned: true, durationMs: 300_000 },
				content: expect.stringMatching(/^outcome unknown: it was cut.*evicted by jane\), 300 s after it began\. /),
			},
		]);
		folded(state, ...cut);
		expect([...state.outbox.values()].filter(({ to }) => to === "node")).toHaveLength(1);
		expect(decide(state, NOW + 300_000, CONTEXT).append).toEqual([{ type: "lease.released", id: "l", reason: "evicted by jane" }]);
	});

	it("is an event of the session, and so is what was cut, even when nobody took the first report", () => {
		const state = busy();
		folded(state, ...recall(state, { ...drain, cause: "Evicted", cutAfterMs: 5_000 }, NOW).events);
		folded(state, ...decide(state, NOW + 5_000, CONTEXT).append);
		folded(state, ...decide(state, NOW + 5_000, CONTEXT).append);
		const reports = [...state.outbox.values()].flatMap((owed) => (owed.to === "namespace" ? [owed.report] : []));
		expect(reports).toHaveLength(1);
		expect(reports[0]?.notices).toEqual([
			...Array(2).fill({ type: "Warning", reason: "Cut", message: "Cut bash on node n before it ended: evicted by jane" }),
			{ type: "Warning", reason: "Evicted", message: "Left node n: evicted by jane" },
		]);
	});

	it("is asked for again without a word, unless the time is to be shorter", () => {
		const state = busy();
		folded(state, ...recall(state, { ...drain, cutAfterMs: 60_000 }, NOW).events);
		expect(recall(state, drain, NOW).events).toEqual([]);
		expect(recall(state, { ...drain, cutAfterMs: 90_000 }, NOW).events).toEqual([]);
		expect(recall(state, { ...drain, cutAfterMs: 10_000 }, NOW).events).toMatchObject([{ type: "lease.recalled", cutAt: NOW + 10_000 }]);
	});

	it("that is another by now is not given back", () => {
		expect(recall(having(...holding), { ...drain, lease: "older" }, NOW)).toEqual({ events: [], outcome: "evicted" });
	});
});
