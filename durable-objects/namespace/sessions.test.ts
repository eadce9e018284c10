import { beforeEach, expect, test } from "vitest";
import { taskSpecSchema } from "../../src/resources/task/schema.ts";
import { draftOf, MemoryView } from "../../test/fakes/memory-view.ts";
import { createSession, deleteSession, openSession } from "./sessions.ts";
import { createTask } from "./tasks.ts";

let view: MemoryView;
beforeEach(() => {
	view = new MemoryView();
	view.addAgent("coder");
});

const create = (name: string, agent?: string) => createSession(view, name, draftOf({ agent }), view.stamp);

test("a new session is idle and names its agent", () => {
	expect(view.do(create("chat"))).toMatchObject({ kind: "Session", spec: { agent: "coder" }, status: { phase: "Idle" } });
});

test("a session of an agent that is not there is refused", () => {
	expect(create("chat", "nobody")).toMatchObject({ ok: false, status: { code: 422, details: { causes: [{ field: "spec.agent" }] } } });
});

test("a name that is taken is refused", () => {
	view.do(create("chat"));
	expect(create("chat")).toMatchObject({ ok: false, status: { reason: "AlreadyExists" } });
});

test("a deleted session ends its tasks and is owed nothing but its removal", () => {
	view.do(createTask(view, "t1", draftOf(taskSpecSchema.parse({ prompt: "work" })), view.stamp));
	const { uid } = view.do(deleteSession(view, "t1", "ann", view.stamp)).metadata;
	expect(view.session("t1")?.metadata.deletionTimestamp).toBe("2026-11-22T08:00:00Z");
	expect(view.task("t1")?.status).toMatchObject({ phase: "Cancelled", message: "Cancelled by ann: its session t1 was deleted" });
	expect(view.work).toEqual([{ type: "remove", session: "t1", uid }]);
});

test("deleting a session again changes nothing", () => {
	view.do(create("chat"));
	view.do(deleteSession(view, "chat", "ann", view.stamp));
	expect(deleteSession(view, "chat", "ann", view.stamp)).toMatchObject({ ok: true, changes: [] });
});

test("until it is gone a deleted session takes no messages, and its name is taken", () => {
	view.do(create("chat"));
	view.do(deleteSession(view, "chat", "ann", view.stamp));
	for (const answer of [openSession(view, "chat"), create("chat")]) {
		expect(answer).toMatchObject({ ok: false, status: { code: 409, message: expect.stringContaining("it is being deleted; try again") } });
	}
});

test("a session that is not there takes no messages", () => {
	expect(openSession(view, "chat")).toMatchObject({ ok: false, status: { code: 404, message: 'sessions.klaw.sh "chat" not found' } });
});
