import { describe, expect, test } from "vitest";
import type { Agent } from "../../src/resources/agent/kind.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { configMapChanged } from "./agent-ready.ts";
import { agentOfSession, resolveAgent, updateAgent } from "./agents.ts";

/** As the server counts and the strategy completes an update. */
function update(view: MemoryView, old: Agent, spec: object): Agent {
	const generation = (old.metadata.generation ?? 0) + 1;
	const next = { ...old, metadata: { ...old.metadata, generation }, spec: agentSpecSchema.parse(spec) };
	return view.do(updateAgent(view, old, next, view.stamp));
}

function putConfigMap(view: MemoryView, data: Record<string, string>): void {
	const metadata = { name: "soul", namespace: "default", uid: "c", resourceVersion: "", creationTimestamp: "2026-11-22T08:00:00Z" };
	view.put("configmaps", { apiVersion: "v1", kind: "ConfigMap", metadata, data } as Parameters<typeof view.put>[1]);
}

const FROM_CONFIG_MAP = { instructions: { configMapRef: { name: "soul" } } };

describe("a new agent", () => {
	test("is idle and ready, and says which revision it is", () => {
		const agent = new MemoryView().addAgent("coder", { model: "offline/shell" });
		expect(agent.metadata.creationTimestamp).toBe("2026-11-22T08:00:00Z");
		expect(agent.status).toMatchObject({
			phase: "Idle",
			observedGeneration: 1,
			conditions: [
				{ type: "Ready", status: "True", reason: "Accepted", lastTransitionTime: "2026-11-22T08:00:00Z", observedGeneration: 1 },
			],
		});
		expect(agent.status.revision).toMatch(/^[0-9a-f]{12}$/);
	});

	test("has its spec kept as its first revision", () => {
		const view = new MemoryView();
		const agent = view.addAgent("coder", { model: "offline/shell" });
		expect(view.revisions(agent.metadata.uid)).toMatchObject([
			{ metadata: { name: `coder-${agent.status.revision}` }, spec: { agent: "coder", revision: 1, template: { model: "offline/shell" } } },
		]);
	});
});

describe("a changed agent", () => {
	test("has observed its new generation, under a new revision", () => {
		const view = new MemoryView();
		const old = view.addAgent("coder");
		const agent = update(view, old, { instructions: "new" });
		expect(agent.status).toMatchObject({ observedGeneration: 2 });
		expect(agent.status.revision).not.toBe(old.status.revision);
		expect(view.revisions(agent.metadata.uid).map(({ spec }) => spec.revision)).toEqual([1, 2]);
	});

	test("that goes back to an old spec gives its revision a new number", () => {
		const view = new MemoryView();
		const first = view.addAgent("coder", { instructions: "one" });
		const second = update(view, first, { instructions: "two" });
		const third = update(view, second, { instructions: "one" });
		expect(third.status.revision).toBe(first.status.revision);
		expect(
			view
				.revisions(first.metadata.uid)
				.map(({ spec }) => spec.revision)
				.sort(),
		).toEqual([2, 3]);
	});

	test("forgets its oldest revisions beyond its limit", () => {
		const view = new MemoryView();
		let agent = view.addAgent("coder", { instructions: "0", revisionHistoryLimit: 2 });
		for (const instructions of ["1", "2", "3"]) agent = update(view, agent, { instructions, revisionHistoryLimit: 2 });
		expect(view.revisions(agent.metadata.uid).map(({ spec }) => spec.revision)).toEqual([2, 3, 4]);
	});
});

describe("instructions in a ConfigMap", () => {
	test("make an agent ready when it is there, and not when it is not", () => {
		const view = new MemoryView();
		const agent = view.addAgent("coder", FROM_CONFIG_MAP);
		expect(agent.status.conditions).toMatchObject([{ type: "Ready", status: "False", reason: "ConfigMapNotFound" }]);
		putConfigMap(view, { SOUL: "kind" });
		view.apply(configMapChanged(view, [agent], "soul", view.now + 1_000));
		expect(view.agent("coder")?.status.conditions).toMatchObject([{ status: "True", lastTransitionTime: "2026-11-22T08:00:01Z" }]);
	});

	test("are read in order when work begins", () => {
		const view = new MemoryView();
		view.addAgent("coder", FROM_CONFIG_MAP);
		putConfigMap(view, { MEMORY: "last", SOUL: "first", other: "no" });
		expect(resolveAgent(view, "coder")).toMatchObject({ ok: true, snapshot: { spec: { instructions: "first\n\nlast" } } });
	});

	test("that are missing refuse the work, and say which", () => {
		const view = new MemoryView();
		view.addAgent("coder", FROM_CONFIG_MAP);
		expect(resolveAgent(view, "coder")).toMatchObject({ ok: false, cause: { message: expect.stringContaining('the ConfigMap "soul"') } });
	});
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
	const view = new MemoryView();
	expect(agentOfSession(view, { ...view.sessionDraft("chat-1", { agent: "coder" }), status: { phase: "Idle" } })).toMatchObject({
		ok: false,
		status: {
			code: 404,
			message: expect.stringContaining('session "chat-1" belongs to it. Create the agent again, or delete the session'),
		},
	});
});
