import type { Agent } from "../../src/resources/agent/kind.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import type { View } from "./decision.ts";
import type { ResourceStore } from "./resource-store.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What decisions see of the stored namespace. */
export function viewOf(namespace: string, store: ResourceStore, queue: WorkQueue): View {
	return {
		namespace,
		agent: (name) => store.get<Agent>("agents", name),
		agentNames: (limit) => store.names("agents", limit),
		session: (name) => store.get<Session>("sessions", name),
		task: (name) => store.get<Task>("tasks", name),
		openTasks: (session) => store.openTasks<Task>(session),
		unsent: (session, taskUid) => queue.unsent(session, taskUid),
	};
}
