import { describe, expect, test } from "vitest";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { draftOf, MemoryView } from "../../test/fakes/memory-view.ts";
import { agentOfSession, createAgent, deleteAgent, presentAgent, replaceAgent, resolveAgent } from "./agents.ts";

const draft = (spec: object, digest: string, metadata = {}) => draftOf(agentSpecSchema.parse(spec), digest, metadata);

describe("creating an agent", () => {
	test("gives it a uid, generation 1 and its revision", () => {
		const view = new MemoryView();
		const agent = view.addAgent("coder", { model: "offline/shell" });
		expect(agent.metadata).toMatchObject({ name: "coder", namespace: "default", uid: "uid-1", generation: 1 });
		expect(agent.metadata.creationTimestamp).toBe("2026-11-22T08:00:00Z");
		expect(agent.status).toEqual({ revision: "digest-1", observedGeneration: 1 });
	});

	test("refuses a name that is taken", () => {
		const view = new MemoryView();
		view.addAgent("coder");
		expect(createAgent(view, "coder", draft({}, "d"), view.stamp)).toMatchObject({
			ok: false,
			status: { code: 409, reason: "AlreadyExists", message: 'agents.klaw.sh "coder" already exists' },
		});
	});
});

describe("replacing an agent", () => {
	test("creates it when it is not there", () => {
		const view = new MemoryView();
		view.do(replaceAgent(view, "coder", draft({}, "d"), view.stamp));
		expect(view.agent("coder")?.metadata.generation).toBe(1);
	});

	test("counts a generation when the spec changes", () => {
		const view = new MemoryView();
		view.addAgent("coder");
		view.do(replaceAgent(view, "coder", draft({ instructions: "new" }, "digest-2"), view.stamp));
		expect(view.agent("coder")).toMatchObject({
			metadata: { generation: 2, uid: "uid-1" },
			spec: { instructions: "new" },
			status: { revision: "digest-2", observedGeneration: 2 },
		});
	});

	test("counts none when only labels change", () => {
		const view = new MemoryView();
		view.addAgent("coder");
		view.do(replaceAgent(view, "coder", draft({}, "digest-1", { labels: { team: "a" } }), view.stamp));
		expect(view.agent("coder")?.metadata).toMatchObject({ generation: 1, labels: { team: "a" }, resourceVersion: "2" });
	});

	test("writes nothing when nothing changes", () => {
		const view = new MemoryView();
		view.addAgent("coder");
		expect(replaceAgent(view, "coder", draft({}, "digest-1"), view.stamp)).toMatchObject({ ok: true, changes: [] });
	});

	test.each([
		["an old resourceVersion", { resourceVersion: "0" }, "the object has been modified; please apply your changes to the latest version"],
		["another uid", { uid: "other" }, "its uid is uid-1, not other: it was deleted and created again"],
	])("refuses %s", (_, metadata, sentence) => {
		const view = new MemoryView();
		view.addAgent("coder");
		const decision = replaceAgent(view, "coder", draft({ instructions: "new" }, "digest-2", metadata), view.stamp);
		expect(decision).toMatchObject({ ok: false, status: { code: 409, reason: "Conflict", message: expect.stringContaining(sentence) } });
	});

	test("refuses to create what is named with a resourceVersion", () => {
		const view = new MemoryView();
		const decision = replaceAgent(view, "coder", draft({}, "d", { resourceVersion: "7" }), view.stamp);
		expect(decision).toMatchObject({ ok: false, status: { reason: "Conflict" } });
	});
});

test("deleting an agent that is not there is a 404", () => {
	expect(deleteAgent(new MemoryView(), "coder")).toMatchObject({ ok: false, status: { code: 404 } });
});

describe("the agent for work that names none", () => {
	test("is the one called default", () => {
		const view = new MemoryView();
		view.addAgent("a");
		view.addAgent("default");
		expect(resolveAgent(view, undefined)).toMatchObject({ ok: true, agent: { metadata: { name: "default" } } });
	});

	test("is the only one", () => {
		const view = new MemoryView();
		view.addAgent("a");
		expect(resolveAgent(view, undefined)).toMatchObject({ ok: true, agent: { metadata: { name: "a" } } });
	});

	test("is nobody when there is none, and the sentence says to create one", () => {
		expect(resolveAgent(new MemoryView(), undefined)).toMatchObject({
			cause: { message: expect.stringMatching(/has no agent\. Create one/) },
		});
	});

	test("is nobody when there are several, and the sentence names them", () => {
		const view = new MemoryView();
		for (const name of ["b", "a", "c", "d", "e", "f"]) view.addAgent(name);
		expect(resolveAgent(view, undefined)).toMatchObject({ cause: { message: expect.stringContaining("Name one of: a, b, c, d, e, …") } });
	});
});

test("a session whose agent was deleted says so, and what to do", () => {
	expect(agentOfSession(new MemoryView(), "chat-1", "coder")).toMatchObject({
		ok: false,
		status: {
			code: 404,
			message: expect.stringContaining('session "chat-1" belongs to it. Create the agent again, or delete the session'),
		},
	});
});

test("an agent shows what its sessions do", () => {
	const agent = new MemoryView().addAgent("coder");
	const lastRun = { phase: "Failed", time: "2026-11-22T07:00:00Z" };
	expect(presentAgent(agent, { sessions: 3, running: 1, waiting: 1, lastRun }).status).toMatchObject({
		phase: "Running",
		sessions: 3,
		lastRun,
	});
	expect(presentAgent(agent, { sessions: 1, running: 0, waiting: 1 }).status.phase).toBe("Waiting");
	expect(presentAgent(agent, undefined).status).toMatchObject({ phase: "Idle", sessions: 0 });
});
