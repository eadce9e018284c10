import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { callWaiting, checkpointMade, checkpointRecords, restoreCheckpoint } from "./checkpoints.ts";
import { decide } from "./decide.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { leaseRequest } from "./lease-request.ts";
import { CHECKPOINTS_KEPT, emptyState, type SessionState } from "./state.ts";
import { workspaceState } from "./workspace-state.ts";

const UID = "0123456789abcdef";
const identity = { namespace: "ns", name: "s", uid: UID };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const NOW = 1_000;

const name = (digit: string) => digit.repeat(64).slice(0, 64);
const checkpoint = (digit: string) => ({ name: name(digit), files: 1, bytes: 2, storedBytes: 3 });
const lease = (node: string, id = node) => ({ id, session: "ns/s", node, incarnation: 1, expiresAt: 10_000_000 });

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

function running(): SessionState {
	return folded(
		emptyState(),
		{ type: "session.opened", identity, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
		{ type: "run.started", run: "r", model: "m", deadlineAt: 2_000_000 },
		{ type: "lease.granted", lease: lease("n") },
	);
}

/** The model asks for a command, which begins on node n. */
function begun(state: SessionState, kept?: true): string {
	folded(state, {
		...{ type: "model.completed", run: "r", step: 1, stopReason: "tool_calls", usage: NO_USAGE, durationMs: 1 },
		message: { role: "assistant", content: [{ type: "tool_call", id: "c", name: "bash", arguments: '{"command":"true"}' }] },
	});
	const callId = state.run?.calls[0]?.callId ?? "";
	folded(state, {
		type: "tools.started",
		run: "r",
		calls: [{ callId, name: "bash", node: "n", incarnation: 1, giveUpAt: NOW + 60_000, ...(kept && { kept }) }],
	});
	return callId;
}

const completed = (callId: string, more: Partial<Extract<SessionEvent, { type: "tool.completed" }>>): SessionEvent => ({
	...{ type: "tool.completed", run: "r", callId, name: "bash", content: "done", isError: false, durationMs: 1 },
	...more,
});

const files = (state: SessionState) => workspaceState(state, agent.spec, true);

describe("the files of a session", () => {
	it("are what the newest checkpoint has, and the same on the same machine", () => {
		const state = running();
		const { epoch } = files(state);
		folded(state, completed(begun(state, true), { checkpoint: checkpoint("a") }));
		expect(files(state)).toMatchObject({ epoch, checkpoint: name("a"), checkpoints: true });
	});

	it("are to be restored on another machine, under another epoch, and the model is told", () => {
		const state = running();
		folded(state, completed(begun(state, true), { checkpoint: checkpoint("a") }));
		const { epoch } = files(state);
		folded(state, { type: "lease.released", id: "n" }, { type: "lease.granted", lease: lease("n", "again") });
		expect(files(state).epoch).toBe(epoch);
		folded(state, { type: "lease.released", id: "again" }, { type: "lease.granted", lease: lease("m") });
		expect(files(state)).toMatchObject({ checkpoint: name("a") });
		expect(files(state).epoch).toBeGreaterThan(epoch);
		folded(state, completed(begun(state, true), {}));
		const last = state.messages.at(-1);
		expect(JSON.stringify(last)).toContain("This session moved to another machine. Its files are those of the last checkpoint");
	});

	it("are those of the checkpoint that was made last, in whatever order the results of parallel calls arrive", () => {
		const state = running();
		folded(state, { type: "checkpoint.made", checkpoint: { ...checkpoint("b"), order: 2 } });
		folded(state, { type: "checkpoint.made", checkpoint: { ...checkpoint("a"), order: 1 } });
		folded(state, { type: "checkpoint.made", checkpoint: { ...checkpoint("b"), order: 3 } });
		expect(files(state)).toMatchObject({ checkpoint: name("b") });
		expect(state.checkpoints).toHaveLength(1);
		folded(state, { type: "lease.granted", lease: lease("m") }, { type: "checkpoint.made", checkpoint: { ...checkpoint("c"), order: 1 } });
		expect(files(state)).toMatchObject({ checkpoint: name("c") });
	});

	it("that no checkpoint has bind the session to its machine until one has them", () => {
		const state = running();
		const bound = () => leaseRequest(identity, state, agent).workspaceBound;
		folded(state, completed(begun(state, true), { uncheckpointed: true }));
		expect(bound()).toBe(true);
		expect(files(state).here).toBe(true);
		folded(state, { type: "checkpoint.made", checkpoint: checkpoint("b") });
		expect(bound()).toBeUndefined();
	});

	it("that were changed before there were checkpoints bind the session to its machine", () => {
		const state = running();
		folded(state, completed(begun(state), {}));
		expect(leaseRequest(identity, state, agent).workspaceBound).toBe(true);
	});

	it("are removed everywhere when the session goes: from every node that it was on, and then from the store", () => {
		const state = running();
		folded(state, { type: "lease.released", id: "n" }, { type: "lease.granted", lease: lease("m") }, { type: "session.closed" });
		const owed = () =>
			[...state.outbox.values()].flatMap((item) => (item.to === "workspace" ? [item.node] : item.to === "store" ? ["store"] : []));
		expect(owed().sort()).toEqual(["m", "n", "store"]);
		const delivered = () =>
			decide(state, NOW, { defaultModel: "m", checkpoints: true }).effects.flatMap((effect) =>
				effect.kind === "deliver" ? [effect.delivery.to] : [],
			);
		folded(
			state,
			{
				...{
					type: "run.finished",
					run: "r",
					phase: "Cancelled",
					code: "Cancelled",
					message: "",
					result: "",
					iterations: 1,
					usage: NO_USAGE,
				},
			},
			{ type: "lease.released", id: "m" },
		);
		expect(delivered()).not.toContain("store");
		folded(state, { type: "delivered", id: "forget:n" }, { type: "delivered", id: "forget:m" });
		expect(delivered()).toContain("store");
	});

	it("are collected when enough checkpoints are no longer kept, and nothing runs", () => {
		const state = running();
		for (let made = 0; made < CHECKPOINTS_KEPT + 10; made++)
			folded(state, { type: "checkpoint.made", checkpoint: checkpoint("ab"[made % 2] ?? "a") });
		const context = { defaultModel: "m", checkpoints: true };
		expect(decide(state, NOW, context).effects.map(({ kind }) => kind)).not.toContain("collect");
		folded(
			state,
			{
				...{
					type: "run.finished",
					run: "r",
					phase: "Succeeded",
					code: "Completed",
					message: "",
					result: "",
					iterations: 1,
					usage: NO_USAGE,
				},
			},
			{ type: "lease.released", id: "n" },
		);
		expect(decide(state, NOW, context).effects.find(({ kind }) => kind === "collect")).toMatchObject({
			keep: Array.from({ length: CHECKPOINTS_KEPT }, (_, index) => name("ab"[index % 2] ?? "a")),
		});
		folded(state, { type: "checkpoints.collected", more: true });
		expect(decide(state, NOW, context).effects.map(({ kind }) => kind)).toContain("collect");
		folded(state, { type: "checkpoints.collected" });
		expect(decide(state, NOW, context).effects.map(({ kind }) => kind)).not.toContain("collect");
	});
});

describe("a call that waits for the store", () => {
	it("says why, is not given up, and says it once", () => {
		const state = running();
		const callId = begun(state);
		const events = callWaiting(state, callId, "The store is away.", NOW + 50_000);
		expect(events).toMatchObject([{ type: "tool.waiting", message: "The store is away.", giveUpAt: NOW + 170_000 }]);
		folded(state, ...events);
		expect(state.waitingFor).toBe("The store is away.");
		expect(callWaiting(state, callId, "The store is away.", NOW + 70_000)).toEqual([]);
		expect(callWaiting(state, callId, "The store is away.", NOW + 101_000)).toHaveLength(1);
		folded(state, completed(callId, {}));
		expect(state.waitingFor).toBeUndefined();
	});

	it("that nobody knows is not waited for", () => {
		expect(callWaiting(running(), "other", "The store is away.", NOW)).toEqual([]);
	});
});

describe("a checkpoint outside of a call", () => {
	it("counts for the files that the session has, and for no others", () => {
		const state = running();
		const made = { node: "n", incarnation: 1, epoch: state.epoch, checkpoint: checkpoint("c") };
		expect(checkpointMade(state, { ...made, epoch: state.epoch - 1 })).toEqual([]);
		expect(checkpointMade(state, { ...made, incarnation: 2 })).toEqual([]);
		expect(checkpointMade(state, made)).toEqual([{ type: "checkpoint.made", checkpoint: checkpoint("c") }]);
		expect(checkpointMade(folded(state, { type: "checkpoint.made", checkpoint: checkpoint("c") }), made)).toEqual([]);
	});

	it("that the files are to be already counts when they were in none", () => {
		const state = running();
		folded(state, completed(begun(state, true), { checkpoint: checkpoint("c") }), completed(begun(state, true), { uncheckpointed: true }));
		expect(files(state).here).toBe(true);
		const made = { node: "n", incarnation: 1, epoch: state.epoch, checkpoint: { ...checkpoint("c"), order: 2 } };
		folded(state, ...checkpointMade(state, made));
		expect([files(state).here, state.checkpoints.length]).toEqual([undefined, 1]);
	});
});

describe("setting a workspace back", () => {
	const restore = (state: SessionState, wanted: string) => restoreCheckpoint(state, { uid: UID, name: wanted, by: "jane" });

	it("makes the older checkpoint the newest, under another epoch", () => {
		const state = folded(
			running(),
			{ type: "checkpoint.made", checkpoint: checkpoint("a") },
			{ type: "checkpoint.made", checkpoint: checkpoint("b") },
		);
		const { epoch } = state;
		const { events, reply } = restore(state, "aaaa");
		expect(reply).toEqual({ state: "restored", checkpoint: checkpoint("a") });
		folded(state, ...events);
		expect(files(state)).toMatchObject({ checkpoint: name("a") });
		expect(state.epoch).toBeGreaterThan(epoch);
		expect(checkpointRecords(state).map((record) => [record.name[0], record.current])).toEqual([
			["a", false],
			["b", false],
			["a", true],
		]);
	});

	it("waits for nobody: while a command runs it is refused", () => {
		const state = folded(running(), { type: "checkpoint.made", checkpoint: checkpoint("a") });
		begun(state);
		expect(restore(state, "a")).toMatchObject({ events: [], reply: { state: "busy" } });
	});

	it("waits for nobody: while a person's command runs it is refused", () => {
		const state = folded(running(), { type: "checkpoint.made", checkpoint: checkpoint("a") });
		folded(state, { type: "exec.opened", id: "e", by: "jane", kept: true });
		const message = "A person's command runs in the workspace. Wait for its end, or end it, and try again.";
		expect(restore(state, "a")).toEqual({ events: [], reply: { state: "busy", message } });
	});

	it.each([
		["a name that it does not have", "f", /has no checkpoint "f"\. It has a{12}, b{12}\.$/],
		["the beginning of two", "", /is the beginning of 2 checkpoints/],
	])("to %s is refused with what there is", (_, wanted, message) => {
		const state = folded(
			running(),
			{ type: "checkpoint.made", checkpoint: checkpoint("a") },
			{ type: "checkpoint.made", checkpoint: checkpoint("b") },
		);
		expect(restore(state, wanted).reply).toEqual({ state: "unknown", message: expect.stringMatching(message) });
	});
});
