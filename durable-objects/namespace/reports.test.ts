import { beforeEach, describe, expect, test } from "vitest";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import type { RunStatus, SessionReport } from "../ports.ts";
import { applyReport } from "./reports.ts";
import { cancelTask, createTask } from "./tasks.ts";

const USAGE = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 };
const STARTED = Date.UTC(2026, 10, 22, 8, 0, 1);
const FINISHED = Date.UTC(2026, 10, 22, 8, 0, 3, 500);

let view: MemoryView;
let ids: { uid: string; task: { name: string; uid: string } };

beforeEach(() => {
	view = new MemoryView();
	view.addAgent("coder");
	const task = view.do(createTask(view, view.taskDraft("t1"), view.stamp));
	ids = { uid: view.session("t1")?.metadata.uid ?? "", task: { name: "t1", uid: task.metadata.uid } };
});

const running: RunStatus = { run: "run-2", phase: "Running", iterations: 0, usage: USAGE, startedAt: STARTED };
const succeeded: RunStatus = { ...running, phase: "Succeeded", result: "done", iterations: 2, finishedAt: FINISHED };

function report(seq: number, run: RunStatus, more: Partial<SessionReport> = {}): SessionReport {
	return { session: "t1", seq, phase: run.phase === "Running" ? "Running" : "Idle", run, ...ids, ...more };
}

const tell = (...reports: SessionReport[]) => {
	for (const one of reports) view.apply(applyReport(view, one));
};

describe("a task", () => {
	test("goes from Pending over Running to its end, with its result", () => {
		tell(report(3, running));
		expect(view.task("t1")?.status).toMatchObject({ phase: "Running", run: "run-2", startTime: "2026-11-22T08:00:01.000Z" });
		tell(report(9, succeeded));
		expect(view.task("t1")?.status).toEqual({
			phase: "Succeeded",
			conditions: [{ type: "Complete", status: "True", reason: "Completed", message: "", lastTransitionTime: "2026-11-22T08:00:03Z" }],
			session: "t1",
			observedSeq: 9,
			run: "run-2",
			result: "done",
			startTime: "2026-11-22T08:00:01.000Z",
			completionTime: "2026-11-22T08:00:03.500Z",
			iterations: 2,
			usage: USAGE,
		});
	});

	test("says what it waits for, and no longer when it goes on", () => {
		tell(report(3, running, { phase: "Waiting", waitingFor: "0/1 nodes are available: 1 Insufficient cpu." }));
		expect(view.task("t1")?.status.waitingFor).toBe("0/1 nodes are available: 1 Insufficient cpu.");
		tell(report(5, running));
		expect(view.task("t1")?.status.waitingFor).toBeUndefined();
	});

	test("says why it failed", () => {
		tell(report(9, { ...succeeded, phase: "Failed", code: "UnknownModel", message: "No such model." }));
		expect(view.task("t1")?.status).toMatchObject({ phase: "Failed", reason: "UnknownModel", message: "No such model." });
	});

	test("never changes again once it has ended", () => {
		view.do(cancelTask(view, "t1", "", view.stamp));
		tell(report(3, running), report(9, succeeded));
		expect(view.task("t1")?.status.phase).toBe("Cancelled");
	});

	test("learns of its end even from a report that was overtaken by the next run's", () => {
		tell(report(12, { ...running, run: "run-10" }, { task: undefined }), report(9, succeeded));
		expect(view.task("t1")?.status.phase).toBe("Succeeded");
		expect(view.session("t1")?.status).toMatchObject({ phase: "Running", observedSeq: 12, lastRun: { run: "run-10" } });
	});

	test("is not touched by a report about a namesake", () => {
		tell(report(9, succeeded, { task: { name: "t1", uid: "other" } }));
		expect(view.task("t1")?.status.phase).toBe("Pending");
	});
});

describe("a session", () => {
	test("shows what it does, where, and how its last run went", () => {
		tell(report(3, running, { node: "node-a" }));
		expect(view.session("t1")?.status).toMatchObject({ phase: "Running", node: "node-a", lastRun: { run: "run-2", phase: "Running" } });
		tell(report(9, succeeded));
		expect(view.session("t1")?.status).toEqual({
			phase: "Idle",
			agentUid: "uid-1",
			observedSeq: 9,
			lastRun: expect.objectContaining({ phase: "Succeeded", result: "done", completionTime: "2026-11-22T08:00:03.500Z" }),
		});
	});

	test("says which node alone has its files, and that a checkpoint has them again", () => {
		const over = { node: "node-a", reason: "OverCeiling", message: "The workspace has 2.0 GiB.", since: STARTED };
		tell(report(3, succeeded, { checkpointed: over }));
		const condition = { type: "Checkpointed", status: "False", reason: "OverCeiling", lastTransitionTime: "2026-11-22T08:00:01Z" };
		expect(view.session("t1")?.status).toMatchObject({ workspaceNode: "node-a", conditions: [condition] });
		tell(report(4, succeeded, { checkpointed: { ...over, reason: "StoreFailed", since: FINISHED } }));
		expect(view.session("t1")?.status.conditions).toMatchObject([{ ...condition, reason: "StoreFailed" }]);
		tell(report(5, succeeded, { checkpointed: { reason: "Checkpointed", message: "", since: FINISHED } }));
		expect(view.session("t1")?.status).not.toHaveProperty("workspaceNode");
		expect(view.session("t1")?.status.conditions).toMatchObject([{ status: "True", lastTransitionTime: "2026-11-22T08:00:03Z" }]);
	});

	test("keeps its last run while another only queues, or is cancelled in the queue", () => {
		tell(report(3, running));
		const queued: RunStatus = { run: "run-4", phase: "Pending", iterations: 0, usage: USAGE };
		tell(report(4, queued, { phase: "Running" }), report(5, { ...queued, phase: "Cancelled" }, { phase: "Running" }));
		expect(view.session("t1")?.status).toMatchObject({ phase: "Running", lastRun: { run: "run-2" } });
	});

	test("is not touched by a report of its predecessor of the same name", () => {
		tell(report(9, succeeded, { uid: "other" }));
		expect(view.session("t1")?.status).toEqual({ phase: "Idle", agentUid: "uid-1" });
	});
});

test("a repeated report changes nothing, and an older one neither", () => {
	tell(report(3, running), report(9, succeeded));
	expect(applyReport(view, report(9, succeeded))).toEqual([]);
	expect(applyReport(view, report(3, running))).toEqual([]);
});

test("reports in any order end the same", () => {
	const waiting = report(5, running, { phase: "Waiting", waitingFor: "room" });
	const all = [report(3, running), waiting, report(9, succeeded)];
	for (const order of [
		[0, 1, 2],
		[0, 2, 1],
		[1, 0, 2],
		[1, 2, 0],
		[2, 0, 1],
		[2, 1, 0],
	]) {
		const fresh = new MemoryView();
		fresh.addAgent("coder");
		fresh.do(createTask(fresh, fresh.taskDraft("t1"), fresh.stamp));
		for (const index of order) fresh.apply(applyReport(fresh, all[index] ?? waiting));
		expect(fresh.task("t1")?.status).toMatchObject({ phase: "Succeeded", result: "done" });
		expect(fresh.session("t1")?.status).toMatchObject({ phase: "Idle", observedSeq: 9 });
	}
});

describe("the way of a session to its node is told in Kubernetes' words", () => {
	const events = () => view.events.map(({ type, reason, note, action }) => `${type} ${reason} (${action}): ${note}`);
	const waiting = (waitingFor: string): Partial<SessionReport> => ({ phase: "Waiting", waitingFor });

	test("when it finds no node, once for each reason, and when it has one", () => {
		tell(report(3, running, waiting("0/1 nodes are available: 1 Insufficient cpu.")));
		tell(report(4, running, waiting("0/1 nodes are available: 1 Insufficient cpu.")));
		tell(report(5, running, { node: "n1" }));
		expect(events().filter((text) => !text.includes("(Running)"))).toEqual([
			"Warning FailedScheduling (Scheduling): 0/1 nodes are available: 1 Insufficient cpu.",
			"Normal Scheduled (Binding): Successfully assigned default/t1 to n1",
		]);
	});

	test("and one that waits on its node did not fail to be scheduled", () => {
		tell(report(3, running, { ...waiting("The store of checkpoints does not answer."), node: "n1" }));
		expect(events()).toContain("Warning Waiting (Running): The store of checkpoints does not answer.");
		expect(events().join()).not.toContain("FailedScheduling");
	});
});

test("a session keeps the revision that its newest run has, also when an older session does not say", () => {
	tell(report(3, running, { revision: "abc" }), report(9, succeeded));
	expect(view.session("t1")?.status.revision).toBe("abc");
});
