import { describe, expect, it } from "vitest";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { ExecAsks } from "./exec-asks.ts";
import { execTarget } from "./exec-target.ts";
import { EXEC_WATCH_MS } from "./execs.ts";
import { emptyState, type SessionState } from "./state.ts";

const UID = "0123456789abcdef";
const NOW = 1_000;
const identity = { namespace: "ns", name: "s", uid: UID };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const lease = { id: "l", session: "ns/s", node: "n", incarnation: 3, expiresAt: 100_000 };
const found = { state: "found", node: "n", incarnation: 3, session: "ns/s", workspace: "ns.s.01234567" };
const opened: SessionEvent = { type: "session.opened", identity, agent };
const granted: SessionEvent = { type: "lease.granted", lease };
const full = "0/1 nodes are available: 1 Insufficient cpu.";

function folded(state: SessionState, ...events: SessionEvent[]): SessionState {
	for (const event of events) evolve(state, { seq: state.seq + 1, at: NOW, event });
	return state;
}

const having = (...events: SessionEvent[]) => folded(emptyState(), ...events);

/** Asks for the place of the command `e`; each wait is cut short by the next of these, or lasts its time. */
async function ask(
	state: SessionState,
	{ meanwhile = [], asks = new ExecAsks(NOW) }: { meanwhile?: SessionEvent[][]; asks?: ExecAsks } = {},
) {
	const journaled: SessionEvent[] = [];
	const next = [...meanwhile];
	let now = NOW;
	const journal = (events: SessionEvent[]) => {
		journaled.push(...events);
		folded(state, ...events);
		for (const event of events) asks.saw(event);
	};
	const target = await execTarget(
		UID,
		{ id: "e", by: "jane" },
		{
			state: () => state,
			journal,
			changed: async (ms) => {
				const events = next.shift();
				if (events) journal(events);
				else now += ms;
			},
			asks,
			checkpoints: true,
			now: () => now,
		},
	);
	return { target, journaled, state, asks };
}

describe("a person's command", () => {
	it("runs where the session has a lease, and is on record before that is said", async () => {
		const { target, journaled } = await ask(having(opened, granted));
		expect(target).toMatchObject(found);
		expect(journaled).toEqual([{ type: "exec.opened", id: "e", by: "jane", kept: true }]);
	});

	it("waits for the lease that it makes the session take", async () => {
		const { target } = await ask(having(opened), { meanwhile: [[granted]] });
		expect(target).toMatchObject(found);
	});

	it("is told what it waits for, and keeps its place until it asks again", async () => {
		const { target, state, asks } = await ask(having(opened), { meanwhile: [[{ type: "lease.queued", message: full }]] });
		expect(target).toEqual({ state: "waiting", message: full });
		folded(state, granted);
		expect(await ask(state, { asks })).toMatchObject({ target: found, journaled: [] });
	});

	it("is not remembered when there is nothing to run it in", async () => {
		const asks = new ExecAsks(NOW - EXEC_WATCH_MS);
		await ask(emptyState(), { asks });
		expect(asks.isQuiet("e", NOW)).toBe(true);
	});

	it("does not begin on a lease that could not be renewed in time", async () => {
		const late: SessionEvent = { type: "lease.granted", lease: { ...lease, expiresAt: NOW } };
		expect(await ask(having(opened, late))).toMatchObject({ target: { state: "waiting" } });
	});

	it("begins under a lease that is wanted back, so that what keeps a drain can be looked into", async () => {
		const recalled: SessionEvent = { type: "lease.recalled", id: "l", by: "jane", reason: "evicted by jane" };
		const { target, journaled } = await ask(having(opened, { type: "exec.opened", id: "other", by: "bob", kept: true }, granted, recalled));
		expect(target).toMatchObject(found);
		expect(journaled).toEqual([expect.objectContaining({ type: "exec.opened", id: "e" })]);
	});

	it("waits for another node when its lease is taken away before it runs", async () => {
		const gone: SessionEvent = { type: "lease.released", id: "l", reason: "node n is gone", cause: "NodeLost" };
		const late: SessionEvent = { type: "lease.granted", lease: { ...lease, expiresAt: NOW } };
		const other: SessionEvent = { type: "lease.granted", lease: { ...lease, id: "m", node: "o" } };
		const { target } = await ask(having(opened, late), { meanwhile: [[gone], [other]] });
		expect(target).toMatchObject({ ...found, node: "o" });
	});

	it("runs nowhere when no node will ever have room", async () => {
		const refused = "It asks for more than any node has.";
		const { target } = await ask(having(opened), { meanwhile: [[{ type: "exec.closed", id: "e", refused }]] });
		expect(target).toEqual({ state: "none", message: refused });
	});

	it("is not opened again by a question that comes after its end", async () => {
		const asks = new ExecAsks(NOW);
		asks.end("e");
		expect(await ask(having(opened, granted), { asks })).toMatchObject({ target: { state: "none" }, journaled: [] });
	});

	it("runs nowhere in a session that was never spoken to, or is another one", async () => {
		const other = having({ ...opened, identity: { ...identity, uid: "other" } });
		for (const state of [emptyState(), other])
			expect(await ask(state)).toMatchObject({ target: { message: expect.stringContaining("no message was ever sent") }, journaled: [] });
	});

	it("runs nowhere in a session that is deleted while it waits", async () => {
		const { target } = await ask(having(opened), { meanwhile: [[{ type: "session.closed" }]] });
		expect(target).toEqual({ state: "none", message: "it is being deleted." });
	});
});
