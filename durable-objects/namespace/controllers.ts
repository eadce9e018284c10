import { agentKind } from "../../src/resources/agent/kind.ts";
import type { Draft, Resource } from "../../src/resources/resource.ts";
import { sessionKind } from "../../src/resources/session/kind.ts";
import { taskKind } from "../../src/resources/task/kind.ts";
import { createAgent, deleteAgent, replaceAgent } from "./agents.ts";
import type { Decision, Stamp, View } from "./decision.ts";
import { createSession, deleteSession } from "./sessions.ts";
import { createTask, deleteTask } from "./tasks.ts";

/** What a namespace does when an object of a kind is written. `by` is who asked for it. */
export interface Controller {
	create(view: View, name: string, draft: Draft, stamp: Stamp): Decision<Resource>;
	/** Creates what is not there. Absent: objects of this kind are never changed by a client. */
	replace?(view: View, name: string, draft: Draft, stamp: Stamp): Decision<Resource>;
	delete(view: View, name: string, by: string, stamp: Stamp): Decision<Resource>;
}

const CONTROLLERS: Readonly<Record<string, Controller>> = {
	[agentKind.plural]: { create: createAgent, replace: replaceAgent, delete: deleteAgent },
	[sessionKind.plural]: { create: createSession, delete: deleteSession },
	[taskKind.plural]: { create: createTask, delete: deleteTask },
};

/** @throws Error for a kind that lives in no namespace: the gateway asks for none */
export function controllerOf(plural: string): Controller {
	const controller = CONTROLLERS[plural];
	if (!controller) throw new Error(`A namespace holds no ${plural}.`);
	return controller;
}
