import { expect, test } from "vitest";
import { podOf } from "../../src/resources/pod/pod-of.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { updateAgent } from "./agents.ts";
import { withPlacement } from "./session-placement.ts";
import { createSession } from "./sessions.ts";

const RESOURCES = { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } };

function world() {
	const view = new MemoryView();
	view.classes = { high: { value: 9, preemptionPolicy: "Never" } };
	const agent = view.addAgent("coder", { resources: RESOURCES, priorityClassName: "high", nodeSelector: { zone: "a" } });
	const session = view.do(createSession(view, view.sessionDraft("s", { agent: "coder" })));
	return { view, agent, session };
}

test("a session shows what its agent asks of nodes, and so does its pod", () => {
	const { view, session } = world();
	const shown = withPlacement(view, session);
	expect(shown.status.placement).toEqual({
		...RESOURCES,
		nodeSelector: { zone: "a" },
		priority: 9,
		priorityClassName: "high",
		preemptionPolicy: "Never",
	});
	expect(podOf(shown).spec).toMatchObject({
		priority: 9,
		priorityClassName: "high",
		nodeSelector: { zone: "a" },
		containers: [{ resources: RESOURCES }],
	});
});

test("it is what the agent was when the session's run began, whatever the agent has become", () => {
	const { view, agent, session } = world();
	const running = { ...session, status: { ...session.status, revision: agent.status.revision } };
	const next = { ...agent, spec: { ...agent.spec, resources: { requests: { cpu: "4", memory: "8Gi" } } } };
	view.do(updateAgent(view, agent, next, view.stamp));
	expect(withPlacement(view, running).status.placement?.requests).toEqual(RESOURCES.requests);
	expect(withPlacement(view, session).status.placement?.requests).toEqual({ cpu: "4", memory: "8Gi" });
});

test("of a session whose agent and revision are gone nothing is known", () => {
	const { session } = world();
	expect(withPlacement(new MemoryView(), session)).toEqual(session);
	expect(podOf(session).spec.containers[0]?.resources).toEqual({});
});
