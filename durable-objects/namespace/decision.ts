import type { Refusal } from "../../src/api/status.ts";
import type { Agent } from "../../src/resources/agent/kind.ts";
import type { Resource } from "../../src/resources/resource.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import type { Work } from "./work.ts";

/** What a namespace holds, as far as decisions need to see it. */
export interface View {
	readonly namespace: string;
	agent(name: string): Agent | undefined;
	/** The first names, sorted. */
	agentNames(limit: number): string[];
	session(name: string): Session | undefined;
	task(name: string): Task | undefined;
	/** Tasks of a session that have not ended. */
	openTasks(session: string): Task[];
	/** Whether the prompt of a task, by uid, is still waiting to be told to its session. */
	unsent(session: string, taskUid: string): boolean;
}

/** One thing to write. All changes of a decision are written together or not at all. */
export type Change =
	/** The store stamps the resource version. */
	| { type: "put"; plural: string; object: Resource }
	| { type: "remove"; plural: string; name: string }
	| { type: "enqueue"; work: Work }
	/** Takes work of a session back: what concerns one task, or everything. */
	| { type: "withdraw"; session: string; taskUid?: string };

export type Decision<T> = { ok: true; changes: Change[]; value: T } | Refusal;

/** What decisions take from outside. `now` in milliseconds since the epoch. */
export interface Stamp {
	now: number;
	uid(): string;
}

export function put(plural: string, object: Resource): Change {
	return { type: "put", plural, object };
}
