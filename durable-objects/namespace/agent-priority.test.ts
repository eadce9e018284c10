import { describe, expect, test } from "vitest";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { PriorityClasses } from "../../src/resources/priorityclass/priority.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { createAgent, resolveAgent, updateAgent } from "./agents.ts";

const CLASSES: PriorityClasses = {
	high: { value: 1000, preemptionPolicy: "PreemptLowerPriority" },
	patient: { value: 500, preemptionPolicy: "Never" },
};
const USUAL = { value: 7, preemptionPolicy: "PreemptLowerPriority", globalDefault: true } as const;

function viewWith(classes: PriorityClasses | undefined): MemoryView {
	const view = new MemoryView();
	view.classes = classes;
	return view;
}

/** What a task of the agent would hand to its session. */
function handed(view: MemoryView, name: string) {
	const resolved = resolveAgent(view, name);
	if (!resolved.ok) throw new Error(resolved.cause.message);
	const { priority, preemptionPolicy } = resolved.snapshot;
	return { priority, preemptionPolicy };
}

describe("a session gets the priority", () => {
	test("of its agent's class", () => {
		const view = viewWith(CLASSES);
		view.addAgent("a", { priorityClassName: "patient" });
		expect(handed(view, "a")).toEqual({ priority: 500, preemptionPolicy: "Never" });
	});

	test("of the default class when its agent names none, and none when there is no such class", () => {
		const view = viewWith({ ...CLASSES, usual: USUAL });
		view.addAgent("a");
		expect(handed(view, "a")).toEqual({ priority: 7, preemptionPolicy: "PreemptLowerPriority" });
		view.classes = CLASSES;
		expect(handed(view, "a")).toEqual({ priority: undefined, preemptionPolicy: undefined });
	});

	test("that its class had when the agent was written, once the class is gone", () => {
		const view = viewWith(CLASSES);
		view.addAgent("a", { priorityClassName: "patient" });
		view.classes = {};
		expect(handed(view, "a")).toEqual({ priority: 500, preemptionPolicy: "Never" });
	});

	test("0 when a class was named before there were any", () => {
		const view = viewWith(undefined);
		view.addAgent("a", { priorityClassName: "high" });
		expect(handed(view, "a")).toEqual({ priority: 0, preemptionPolicy: "PreemptLowerPriority" });
	});
});

describe("a class that there is not", () => {
	const message = 'agents.klaw.sh "a" is forbidden: no PriorityClass with name gone was found';

	test("is refused in a new agent, in Kubernetes' words", () => {
		const view = viewWith(CLASSES);
		expect(createAgent(view, view.agentDraft("a", { priorityClassName: "gone" }), view.stamp)).toMatchObject({
			ok: false,
			status: { code: 403, message },
		});
	});

	test("is refused in a changed agent, which may keep the one that it had", () => {
		const view = viewWith(CLASSES);
		const agent = view.addAgent("a", { priorityClassName: "high" });
		view.classes = {};
		const become = (spec: object) => updateAgent(view, agent, { ...agent, spec: agentSpecSchema.parse(spec) }, view.stamp);
		expect(become({ priorityClassName: "gone" })).toMatchObject({ ok: false, status: { message } });
		expect(become({ priorityClassName: "high", model: "offline/shell" })).toMatchObject({
			ok: true,
			value: { status: { priority: 1000 } },
		});
		expect(become({})).toMatchObject({ ok: true, value: { status: expect.not.objectContaining({ priority: 1000 }) } });
	});
});
