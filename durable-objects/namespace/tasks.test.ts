import { beforeEach, describe, expect, test } from "vitest";
import type { TaskSpec } from "../../src/resources/task/schema.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { createSession, deleteSession } from "./sessions.ts";
import { cancelTask, cancelUnsent, createTask, deleteTask, messageOf, promptAccepted, promptDelayed } from "./tasks.ts";

let view: MemoryView;
const create = (name: string, spec: Partial<TaskSpec> = {}) => view.do(createTask(view, view.taskDraft(name, spec), view.stamp));
const refusal = (name: string, spec: Partial<TaskSpec> = {}) => {
	const decision = createTask(view, view.taskDraft(name, spec), view.stamp);
	return decision.ok ? undefined : decision.status;
};

/** The session has accepted everything that it was owed. */
function delivered() {
	for (const work of view.work.splice(0)) if (work.type === "send") view.apply(promptAccepted(view, work.task, work.uid, "run-2"));
}

beforeEach(() => {
	view = new MemoryView();
	view.addAgent("coder", { model: "offline/shell" });
});

describe("creating a task", () => {
	test("creates its session and owes the session the prompt, together", () => {
		const task = create("t1");
		expect(task.status).toEqual({ phase: "Pending", session: "t1" });
		const session = view.session("t1");
		expect(session?.spec).toEqual({ agent: "coder" });
		expect(view.work).toEqual([
			{
				type: "send",
				session: "t1",
				task: "t1",
				uid: task.metadata.uid,
				identity: { namespace: "default", name: "t1", uid: session?.metadata.uid },
				agent: { name: "coder", digest: view.agent("coder")?.status.revision, spec: view.agent("coder")?.spec },
			},
		]);
	});

	test("gives its session the task's labels, which count for the affinity of others", () => {
		const { metadata, ...draft } = view.taskDraft("t1");
		view.do(createTask(view, { ...draft, metadata: { ...metadata, labels: { tier: "batch" } } }, view.stamp));
		expect(view.session("t1")?.metadata.labels).toEqual({ tier: "batch" });
		expect(view.work).toMatchObject([{ type: "send", agent: { name: "coder", sessionLabels: { tier: "batch" } } }]);
	});

	test("in a session that is there goes with the session's labels", () => {
		const { metadata, ...draft } = view.sessionDraft("chat", { agent: "coder" });
		view.do(createSession(view, { ...draft, metadata: { ...metadata, labels: { team: "blue" } } }));
		create("t1", { session: "chat" });
		expect(view.work).toMatchObject([{ type: "send", agent: { sessionLabels: { team: "blue" } } }]);
	});

	test("fills in the agent that will do it", () => {
		expect(create("t1").spec.agent).toBe("coder");
	});

	test("runs in the session that it names, with the session's agent", () => {
		view.addAgent("default");
		view.do(createSession(view, view.sessionDraft("chat", { agent: "coder" })));
		expect(create("t1", { session: "chat" })).toMatchObject({ spec: { agent: "coder" }, status: { session: "chat" } });
		expect(view.session("t1")).toBeUndefined();
	});

	test.each([
		["an agent that is not there", { agent: "nobody" }, "spec.agent", 'Not found: "nobody"'],
		["a session that is not there", { session: "gone" }, "spec.session", "Create it, or leave spec.session out"],
	])("refuses %s and says what to do", (_, spec, field, sentence) => {
		expect(refusal("t1", spec)).toMatchObject({
			code: 422,
			reason: "Invalid",
			message: expect.stringContaining(sentence),
			details: { causes: [{ field }] },
		});
		expect(view.work).toEqual([]);
	});

	test("refuses another agent than the session's", () => {
		view.addAgent("other");
		view.do(createSession(view, view.sessionDraft("chat", { agent: "coder" })));
		expect(refusal("t1", { session: "chat", agent: "other" })?.message).toContain("session chat belongs to agent coder");
	});

	test("refuses a session that is being deleted", () => {
		create("t1");
		const session = view.session("t1");
		if (session) view.do(deleteSession(view, session, view.stamp));
		expect(refusal("t2", { session: "t1" })).toMatchObject({ code: 409, message: expect.stringContaining("it is being deleted") });
	});
});

test("the prompt is told under the task's key, with the task's own model and deadline", () => {
	const task = create("t1", { model: "openai/x", deadline: "1m30s" });
	expect(messageOf(task)).toEqual({
		key: `task:${task.metadata.uid}`,
		text: "work",
		task: { name: "t1", uid: task.metadata.uid },
		model: "openai/x",
		deadlineMs: 90_000,
	});
});

describe("cancelling a task", () => {
	test("ends one whose session was not told yet, and takes the prompt back", () => {
		const { uid } = create("t1").metadata;
		const task = view.do(cancelTask(view, "t1", "too slow", view.stamp));
		expect(task.status).toMatchObject({
			phase: "Cancelled",
			reason: "Cancelled",
			message: "Cancelled by ann: too slow",
			completionTime: "2026-11-22T08:00:00.000Z",
		});
		expect(view.work).toEqual([{ type: "cancel", session: "t1", key: `task:${uid}`, by: "ann", reason: "too slow" }]);
	});

	test("tells the session of one that it has, and leaves the end to its report", () => {
		const { uid } = create("t1").metadata;
		delivered();
		const task = view.do(cancelTask(view, "t1", "", view.stamp));
		expect(task.status).toMatchObject({ phase: "Pending", reason: "CancelRequested", message: "ann asked to cancel it." });
		expect(view.work).toEqual([{ type: "cancel", session: "t1", key: `task:${uid}`, by: "ann", reason: "" }]);
	});

	test("owes the session one cancellation, however often it is asked for", () => {
		create("t1");
		delivered();
		for (let i = 0; i < 3; i++) view.do(cancelTask(view, "t1", "", view.stamp));
		expect(view.work).toHaveLength(1);
	});

	test("leaves one that has ended as it is", () => {
		create("t1");
		view.do(cancelTask(view, "t1", "first", view.stamp));
		expect(cancelTask(view, "t1", "second", view.stamp)).toMatchObject({
			changes: [],
			value: { status: { message: "Cancelled by ann: first" } },
		});
	});

	test("is a 404 for one that is not there", () => {
		expect(cancelTask(view, "t1", "", view.stamp)).toMatchObject({ ok: false, status: { code: 404 } });
	});
});

describe("deleting a task", () => {
	test("cancels it first", () => {
		const { uid } = create("t1").metadata;
		delivered();
		const task = view.task("t1");
		if (task) view.do(deleteTask(view, task, view.stamp));
		expect(view.task("t1")).toBeUndefined();
		expect(view.work).toEqual([{ type: "cancel", session: "t1", key: `task:${uid}`, by: "ann", reason: "task t1 was deleted" }]);
	});

	test("tells the session nothing when it had ended", () => {
		create("t1");
		view.do(cancelTask(view, "t1", "", view.stamp));
		view.work.splice(0);
		const task = view.task("t1");
		if (task) view.do(deleteTask(view, task, view.stamp));
		expect(view.work).toEqual([]);
	});
});

test("cancelling a session ends the tasks that it was not told of, and no other", () => {
	create("t1");
	delivered();
	create("t2", { session: "t1" });
	view.apply(cancelUnsent(view, "t1", "", view.stamp));
	expect(view.task("t1")?.status.phase).toBe("Pending");
	expect(view.task("t2")?.status.phase).toBe("Cancelled");
});

describe("a prompt on its way", () => {
	test("that is accepted gives the task its run", () => {
		create("t1");
		delivered();
		expect(view.task("t1")?.status).toEqual({ phase: "Pending", session: "t1", run: "run-2" });
	});

	test("that is delayed says why, once, and no more when it is accepted", () => {
		const { uid } = create("t1").metadata;
		view.apply(promptDelayed(view, "t1", uid, "no answer"));
		expect(view.task("t1")?.status.waitingFor).toBe("Session t1 could not be reached (no answer). It is tried again.");
		expect(promptDelayed(view, "t1", uid, "no answer")).toEqual([]);
		delivered();
		expect(view.task("t1")?.status.waitingFor).toBeUndefined();
	});

	test("changes nothing of a namesake", () => {
		create("t1");
		expect(promptAccepted(view, "t1", "other", "run-9")).toEqual([]);
		expect(promptDelayed(view, "t1", "other", "no answer")).toEqual([]);
	});
});
