import type { Agent } from "../../src/resources/agent/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import type { Strategy } from "../store/decision.ts";
import type { Activity } from "./activity.ts";
import { createAgent, deleteAgent, updateAgent } from "./agents.ts";
import type { View, WorkChange } from "./decision.ts";
import { withPlacement } from "./session-placement.ts";
import { createSession, deleteSession } from "./sessions.ts";
import { createTask, deleteTask } from "./tasks.ts";

/** What it means in a namespace to write objects of those kinds that stand for something that acts. */
export function strategies(view: View, activity: Pick<Activity, "present">): Readonly<Record<string, Strategy<WorkChange>>> {
	return {
		agents: {
			create: (agent, stamp) => createAgent(view, agent as Agent, stamp),
			update: (old, next, stamp) => updateAgent(view, old as Agent, next as Agent, stamp),
			delete: (agent) => deleteAgent(view, agent as Agent),
			present: (agent: BaseResource) => activity.present(agent as Agent),
		},
		sessions: {
			create: (session) => createSession(view, session as Session),
			delete: (session, stamp) => deleteSession(view, session as Session, stamp),
			present: (session) => withPlacement(view, session as Session),
		},
		tasks: {
			create: (task, stamp) => createTask(view, task as Task, stamp),
			delete: (task, stamp) => deleteTask(view, task as Task, stamp),
		},
	};
}
