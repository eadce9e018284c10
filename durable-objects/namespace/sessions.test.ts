import { beforeEach, expect, test } from "vitest";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { createSession, deleteSession, openSession } from "./sessions.ts";
import { createTask } from "./tasks.ts";

let view: MemoryView;
beforeEach(() => {
	view = new MemoryView();
	view.addAgent("coder");
});

const create = (name: string, agent?: string) => createSession(view, view.sessionDraft(name, { agent }));
const remove = (name: string) => {
	const session = view.session(name);
	if (!session) throw new Error(`no session ${name}`);
	return deleteSession(view, session, view.stamp);
};

test("a new session is idle and names its agent", () => {
	expect(view.do(create("chat"))).toMatchObject({ kind: "Session", spec: { agent: "coder" }, status: { phase: "Idle" } });
});

test("a session of an agent that is not there is refused", () => {
	expect(create("chat", "nobody")).toMatchObject({ ok: false, status: { code: 422, details: { causes: [{ field: "spec.agent" }] } } });
});

test("a deleted session ends its tasks and is owed nothing but its removal", () => {
	view.do(createTask(view, view.taskDraft("t1"), view.stamp));
	const { uid } = view.do(remove("t1")).metadata;
	expect(view.session("t1")?.metadata.deletionTimestamp).toBe("2026-11-22T08:00:00Z");
	expect(view.task("t1")?.status).toMatchObject({ phase: "Cancelled", message: "Cancelled by ann: its session t1 was deleted" });
	expect(view.work).toEqual([{ type: "remove", session: "t1", uid }]);
});

test("a session that was made for a task is owned by it", () => {
	const { uid } = view.do(createTask(view, view.taskDraft("t1"), view.stamp)).metadata;
	expect(view.session("t1")?.metadata.ownerReferences).toEqual([
		{ apiVersion: "klaw.sh/v1", kind: "Task", name: "t1", uid, controller: true, blockOwnerDeletion: true },
	]);
});

test("deleting a session again changes nothing", () => {
	view.do(create("chat"));
	view.do(remove("chat"));
	expect(remove("chat")).toMatchObject({ ok: true, changes: [] });
});

test("a session that finalizers held is removed when they are gone, and told so once", () => {
	view.do(create("chat"));
	const { metadata, ...rest } = view.session("chat") ?? view.sessionDraft("chat");
	// As it is while finalizers hold it: marked, and nobody has told the session.
	view.put("sessions", { ...rest, metadata: { ...metadata, deletionTimestamp: "2026-11-22T07:00:00Z" } });
	view.do(remove("chat"));
	expect(view.session("chat")?.metadata.deletionTimestamp).toBe("2026-11-22T07:00:00Z");
	expect(view.work).toEqual([{ type: "remove", session: "chat", uid: metadata.uid }]);
	expect(remove("chat")).toMatchObject({ ok: true, changes: [] });
});

test("until it is gone a deleted session takes no messages", () => {
	view.do(create("chat"));
	view.do(remove("chat"));
	expect(openSession(view, "chat")).toMatchObject({
		ok: false,
		status: { code: 409, message: expect.stringContaining("it is being deleted; try again") },
	});
});

test("a session that is not there takes no messages", () => {
	expect(openSession(view, "chat")).toMatchObject({ ok: false, status: { code: 404, message: 'sessions.klaw.sh "chat" not found' } });
});
