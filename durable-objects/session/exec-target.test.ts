import { describe, expect, it } from "vitest";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { AcquireReply } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { execTarget } from "./exec-target.ts";
import { emptyState, type SessionState } from "./state.ts";

const UID = "0123456789abcdef";
const identity = { namespace: "ns", name: "s", uid: UID };
const agent = { name: "a", digest: "d", spec: { ...agentSpecSchema.parse({}), instructions: "" } };
const lease = { id: "l", session: "ns/s", node: "n", incarnation: 3, expiresAt: 1 };
const found = { state: "found", node: "n", incarnation: 3, session: "ns/s", workspace: "ns.s.01234567" };
const opened: SessionEvent = { type: "session.opened", identity, agent };

function having(...events: SessionEvent[]): SessionState {
	const state = emptyState();
	for (const event of events) evolve(state, { seq: state.seq + 1, at: 1_000, event });
	return state;
}

async function ask(state: SessionState, reply: AcquireReply, meanwhile: () => void = () => undefined) {
	const released: string[] = [];
	const journaled: SessionEvent[] = [];
	let asked = 0;
	const target = await execTarget(UID, {
		state: () => state,
		dispatcher: {
			acquire: async () => {
				asked += 1;
				meanwhile();
				return reply;
			},
			release: async (given) => void released.push(given.lease),
		},
		checkpoints: true,
		journal: (events) => void journaled.push(...events),
	});
	return { target, released, journaled, asked };
}

const granted: AcquireReply = { state: "granted", lease };
const queued: AcquireReply = { state: "queued", message: "0/1 nodes are available: 1 Insufficient cpu." };

describe("a person's command", () => {
	it("runs where the session has a lease", async () => {
		const state = having(opened, { type: "lease.granted", lease });
		expect(await ask(state, queued)).toMatchObject({ target: found, asked: 0 });
	});

	it("makes the session remember the node that it is given for its first workspace", async () => {
		expect(await ask(having(opened), granted)).toMatchObject({
			target: found,
			released: [],
			journaled: [{ type: "lease.granted", lease }],
		});
	});

	it("takes nothing of the node that has the workspace already", async () => {
		const state = having(opened, { type: "lease.granted", lease }, { type: "lease.released", id: "l" });
		expect(await ask(state, granted)).toMatchObject({ target: found, released: ["l"], journaled: [] });
	});

	it("runs where the workspace is when that node is full, and waits in no queue", async () => {
		const state = having(opened, { type: "lease.granted", lease }, { type: "lease.released", id: "l" });
		expect(await ask(state, queued)).toMatchObject({ target: found, released: [""] });
	});

	it("runs nowhere while there is neither workspace nor room", async () => {
		expect(await ask(having(opened), queued)).toMatchObject({ target: { state: "none", message: queued.message }, released: [""] });
	});

	it("runs nowhere in a session that was never spoken to, or is another one", async () => {
		const other = having({ ...opened, identity: { ...identity, uid: "other" } });
		for (const state of [emptyState(), other, having(opened, { type: "session.closed" })])
			expect(await ask(state, granted)).toMatchObject({ target: { state: "none" }, asked: 0 });
	});

	it("leaves the lease to a run that got it meanwhile", async () => {
		const state = having(opened, { type: "lease.granted", lease }, { type: "lease.released", id: "l" });
		const grantToRun = () => void evolve(state, { seq: state.seq + 1, at: 1_000, event: { type: "lease.granted", lease } });
		expect(await ask(state, granted, grantToRun)).toMatchObject({ target: found, released: [] });
	});

	it("gives back what it got for a session that was deleted meanwhile", async () => {
		const state = having(opened);
		const close = () => void evolve(state, { seq: state.seq + 1, at: 1_000, event: { type: "session.closed" } });
		expect(await ask(state, granted, close)).toMatchObject({ target: { state: "none" }, released: ["l"], journaled: [] });
	});
});
