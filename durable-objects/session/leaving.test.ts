import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../src/models/message.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { Lease } from "../ports.ts";
import { checkpointMade } from "./checkpoints.ts";
import { decide } from "./decide.ts";
import type { SessionEvent, StartedCall } from "./events.ts";
import { evolve } from "./evolve.ts";
import { emptyState, type SessionState } from "./state.ts";
import { workspaceState } from "./workspace-state.ts";

const identity = { namespace: "ns", name: "s", uid: "0123456789abcdef" };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const NOW = 1_000;
const CONTEXT = { defaultModel: "m", checkpoints: true };
const WORKSPACE = "ns.s.01234567";
const checkpoint = { name: "a".repeat(64), files: 1, bytes: 2, storedBytes: 3 };

const lease = (node: string, id = `lease-${node}`, incarnation = 1) => ({ id, session: "ns/s", node, incarnation, expiresAt: 10_000_000 });

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

/** A run whose model asked for two commands. */
function asked(): SessionState {
	const call = (id: string) => ({ type: "tool_call" as const, id, name: "bash", arguments: '{"command":"true"}' });
	return folded(
		emptyState(),
		{ type: "session.opened", identity, agent },
		{ type: "message.accepted", run: "r", key: "k", text: "hi", deadlineMs: 1_000_000 },
		{ type: "run.started", run: "r", model: "m", deadlineAt: 2_000_000 },
		{
			...{ type: "model.completed", run: "r", step: 1, stopReason: "tool_calls", usage: NO_USAGE, durationMs: 1 },
			message: { role: "assistant", content: [call("c1"), call("c2")] },
		},
	);
}

/** It has the lease, and one of the commands has begun. */
function begun({ lease: of = lease("n"), marks = { rests: true } }: { lease?: Lease; marks?: Partial<StartedCall> } = {}) {
	const state = folded(asked(), { type: "lease.granted", lease: of });
	const callId = state.run?.calls[0]?.callId ?? "";
	const { node, incarnation } = of;
	folded(state, { type: "tools.started", run: "r", calls: [{ callId, name: "bash", node, incarnation, giveUpAt: 9_000_000, ...marks }] });
	return { state, callId };
}

const ended = (callId: string, more: object = {}): SessionEvent => ({
	...{ type: "tool.completed", run: "r", callId, name: "bash", content: "", isError: false, durationMs: 1 },
	...more,
});
const closed = (more: object): SessionEvent => ({ type: "exec.closed", id: "e", ...more });
const delivered = (id: string): SessionEvent => ({ type: "delivered", id });
const released: SessionEvent = { type: "lease.released", id: "lease-n", reason: "evicted by jane", cause: "Evicted" };
const owed = (state: SessionState, to: string) => [...state.outbox.values()].filter((item) => item.to === to);

/** What is under way once the session has written what follows. Deliveries by their ids, the rest by kind. */
function due(state: SessionState): string[] {
	for (;;) {
		const { append, effects } = decide(state, NOW, CONTEXT);
		if (append.length === 0) return effects.map((effect) => (effect.kind === "deliver" ? effect.delivery.id : effect.kind));
		folded(state, ...append);
	}
}

describe("at the end of a lease", () => {
	it("the node is told to let the workspace rest, and only then is its room given back", () => {
		const { state, callId } = begun();
		folded(state, ended(callId), released);
		expect(owed(state, "rest")).toEqual([
			{ to: "rest", id: "rest:lease-n", node: "n", incarnation: 1, session: "ns/s", workspace: WORKSPACE },
		]);
		expect(due(state)).toContain("rest:lease-n");
		expect(due(state)).not.toContain("release:lease-n");
		folded(state, delivered("rest:lease-n"));
		expect(due(state)).toContain("release:lease-n");
	});

	it("no other is asked for before the node was told and the room given back", () => {
		const { state, callId } = begun();
		folded(state, ended(callId), released);
		expect(due(state)).not.toContain("acquire");
		folded(state, delivered("rest:lease-n"));
		expect(due(state)).not.toContain("acquire");
		folded(state, delivered("release:lease-n"));
		expect(due(state)).toContain("acquire");
	});

	it("a call that was given up is stopped first", () => {
		const { state, callId } = begun();
		folded(state, ended(callId, { abandoned: true }), released);
		expect(due(state)).toContain(`stop:${callId}`);
		expect(due(state)).not.toContain("rest:lease-n");
		folded(state, delivered(`stop:${callId}`));
		expect(due(state)).toContain("rest:lease-n");
	});

	it("a call that still runs, because the lease could not be renewed, is let run to its end", () => {
		const { state, callId } = begun();
		folded(state, { type: "lease.released", id: "lease-n", reason: "the dispatcher took it back" });
		expect(due(state)).not.toContain("rest:lease-n");
		folded(state, ended(callId));
		expect(due(state)).toContain("rest:lease-n");
	});

	it("a person's command is ended first", () => {
		const state = folded(asked(), { type: "exec.opened", id: "e", by: "jane" }, { type: "lease.granted", lease: lease("n") }, released);
		expect(due(state)).toContain("exec:e");
		expect(due(state)).not.toContain("rest:lease-n");
		folded(state, delivered("exec:e"));
		expect(due(state)).toContain("rest:lease-n");
	});

	it.each([
		["nothing ran under it", () => folded(asked(), { type: "lease.granted", lease: lease("n") }, released)],
		["its machine is lost", () => folded(begun().state, { ...released, cause: "NodeLost" })],
		["only a place in the queue is given back", () => folded(asked(), { type: "lease.released" })],
		["it is in the journal of an older klaw", () => folded(begun({ marks: {} }).state, released)],
	])("nobody is told when %s", (_, state) => {
		expect(owed(state(), "rest")).toEqual([]);
	});

	it("the model is told that what ran in the background is gone, once, when its run goes on", () => {
		const { state, callId } = begun();
		folded(state, ended(callId, { content: "one" }), released, delivered("rest:lease-n"), delivered("release:lease-n"));
		const second = state.run?.calls[1]?.callId ?? "";
		const calls = [{ callId: second, name: "bash", node: "n", incarnation: 1, giveUpAt: 9_000_000, rests: true as const }];
		folded(state, { type: "lease.granted", lease: lease("n", "second") }, { type: "tools.started", run: "r", calls });
		folded(state, ended(second, { content: "two" }));
		const results = state.messages.flatMap((message) => (message.role === "tool" ? message.results : []));
		expect(results.map(({ content }) => content)).toEqual([
			"one",
			expect.stringMatching(/^\[The machine was wanted back in between.*ended.*\]\ntwo$/),
		]);
	});

	it("is no rest for the next lease under which nothing runs", () => {
		const { state, callId } = begun();
		folded(state, ended(callId), released, delivered("rest:lease-n"), delivered("release:lease-n"));
		folded(state, { type: "lease.granted", lease: lease("n", "second") }, { type: "lease.released", id: "second" });
		expect(owed(state, "rest")).toEqual([]);
	});

	it("that an older klaw did not tell of, a new one on the same node voids the rest", () => {
		const { state, callId } = begun();
		folded(state, ended(callId), released, { type: "lease.granted", lease: lease("n", "second") });
		expect(owed(state, "rest")).toEqual([]);
	});
});

describe("a session that is placed on another node", () => {
	/** It has run on n. @param files what its call said of them */
	function leftN(files: object): SessionState {
		const { state, callId } = begun({ marks: { rests: true, kept: true } });
		return folded(state, ended(callId, files), released, delivered("rest:lease-n"), delivered("release:lease-n"));
	}

	it("has its directory removed where it was, since the store has its files", () => {
		const state = folded(leftN({ checkpoint }), { type: "lease.granted", lease: lease("m"), leaves: true });
		const [item] = owed(state, "workspace");
		expect(item).toMatchObject({ node: "n", session: "ns/s", workspace: WORKSPACE, moved: true });
		expect(due(state)).toContain(item?.id);
		expect([...state.visited]).toEqual(["n", "m"]);
		folded(state, delivered(item?.id ?? ""));
		expect([...state.visited]).toEqual(["m"]);
		// When it is deleted, only where it is now.
		folded(state, { type: "session.closed" });
		expect(owed(state, "workspace")).toMatchObject([{ node: "m" }]);
	});

	it.each([
		["in no checkpoint", { uncheckpointed: true }],
		["in an older checkpoint only", { checkpoint, uncheckpointed: true }],
		["nowhere, as far as is known", {}],
	])("leaves it where it is when its files are %s", (_, files) => {
		const state = leftN("checkpoint" in files ? { checkpoint } : {});
		if ("uncheckpointed" in files) state.uncheckpointed = true;
		folded(state, { type: "lease.granted", lease: lease("m"), leaves: true });
		expect(owed(state, "workspace")).toEqual([]);
		expect([...state.visited]).toEqual(["n", "m"]);
	});

	describe("and was cut off where it was", () => {
		const first: SessionEvent = { type: "checkpoint.made", checkpoint: { ...checkpoint, order: 1 } };
		const moved: SessionEvent = { type: "lease.granted", lease: lease("m"), leaves: true };
		const opened: SessionEvent = { type: "exec.opened", id: "e", by: "jane", kept: true };

		it.each([
			["a call was given up", (callId: string) => [ended(callId, { abandoned: true }), released]],
			[
				"a call was lost with its machine",
				(callId: string) => [{ ...released, cause: "NodeLost" as const }, ended(callId, { lost: true })],
			],
			["a person's command was cut", (callId: string) => [ended(callId), opened, closed({ cut: "It was cut." }), released]],
			["nobody waited for a person's command any more", (callId: string) => [ended(callId), opened, closed({ untold: true }), released]],
			["a person's command ended with the lease", (callId: string) => [ended(callId), opened, released]],
		])("leaves its directory there: %s", (_, events) => {
			const { state, callId } = begun();
			folded(state, first, ...events(callId), moved);
			expect(owed(state, "workspace")).toEqual([]);
			expect([state.uncheckpointed, state.dirty.size, state.visited.has("n")]).toEqual([false, 0, true]);
		});

		it("has it removed when a later call there made a checkpoint, and not when that had begun before", () => {
			const { state, callId } = begun();
			folded(state, first, ended(callId, { abandoned: true }));
			const second = state.run?.calls[1]?.callId ?? "";
			const calls = [{ callId: second, name: "bash", node: "n", incarnation: 1, giveUpAt: 9_000_000, rests: true as const }];
			evolve(state, { seq: state.seq + 1, at: NOW - 1, event: { type: "tools.started", run: "r", calls } });
			const before = structuredClone(state);
			folded(before, ended(second, { checkpoint: { ...checkpoint, order: 2 } }), released, moved);
			expect(owed(before, "workspace")).toEqual([]);
			evolve(state, { seq: state.seq + 1, at: NOW + 1, event: { type: "tools.started", run: "r", calls } });
			folded(state, ended(second, { checkpoint: { ...checkpoint, order: 2 } }), released, moved);
			expect(owed(state, "workspace")).toMatchObject([{ node: "n" }]);
		});

		it("has it removed when the word of that very command came before it went", () => {
			const { state, callId } = begun();
			folded(state, first, ended(callId), opened, closed({ cut: "It was cut." }), released);
			const made = { node: "n", incarnation: 1, epoch: state.epoch, checkpoint: { ...checkpoint, order: 2 } };
			folded(state, ...checkpointMade(state, { ...made, exec: "other" }));
			expect(state.dirty.size).toBe(1);
			folded(state, ...checkpointMade(state, { ...made, exec: "e" }), moved);
			expect(owed(state, "workspace")).toMatchObject([{ node: "n" }]);
		});

		const back = { type: "lease.granted" as const, lease: { ...lease("n", "second", 2), machine: "disk" }, leaves: true as const };

		it("has its files as they were left when its machine is back and a person's command was lost with it", () => {
			const { state, callId } = begun({ lease: { ...lease("n"), machine: "disk" } });
			folded(state, first, ended(callId), opened, { ...released, cause: "NodeLost" });
			const { epoch } = state;
			folded(state, back);
			expect(workspaceState(state, agent.spec, true)).toMatchObject({ epoch, here: true });
		});

		it("has those of the calls that ended when its machine is back and a call was lost with it", () => {
			const { state, callId } = begun({ lease: { ...lease("n"), machine: "disk" } });
			folded(state, first, { ...released, cause: "NodeLost" }, ended(callId, { lost: true }));
			const { epoch, head } = state;
			folded(state, back);
			const restored = workspaceState(state, agent.spec, true);
			expect(restored).toMatchObject({ checkpoint: head });
			expect(restored.epoch).toBeGreaterThan(epoch);
			expect(restored).not.toHaveProperty("here");
		});
	});

	it("is told to nobody by the journal of an older klaw, however often it has moved", () => {
		const state = folded(leftN({ checkpoint }), { type: "lease.granted", lease: lease("m") });
		expect(owed(state, "workspace")).toEqual([]);
	});

	it("remembers the node when nobody took the word, and tells it when the session is deleted", () => {
		const state = folded(leftN({ checkpoint }), { type: "lease.granted", lease: lease("m"), leaves: true });
		folded(state, { type: "delivered", id: owed(state, "workspace")[0]?.id ?? "", refused: true }, { type: "session.closed" });
		expect(owed(state, "workspace")).toMatchObject([{ node: "n" }, { node: "m" }]);
	});

	it("keeps it when only the machine under the node's name is another", () => {
		const state = folded(leftN({ checkpoint }), { type: "lease.granted", lease: lease("n", "second", 2), leaves: true });
		expect(owed(state, "workspace")).toEqual([]);
	});

	it("asks for no lease before the word is out, and takes it back when it is there again all the same", () => {
		const state = folded(leftN({ checkpoint }), { type: "lease.granted", lease: lease("m"), leaves: true });
		folded(state, { type: "lease.released", id: "lease-m" });
		folded(state, delivered("release:lease-m"));
		expect(due(state)).not.toContain("acquire");
		folded(state, { type: "lease.granted", lease: lease("n", "third"), leaves: true });
		expect(owed(state, "workspace")).toMatchObject([{ node: "m" }]);
		expect(state.visited.has("n")).toBe(true);
	});
});
