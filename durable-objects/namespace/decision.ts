import type { Agent } from "../../src/resources/agent/kind.ts";
import type { AgentRevision } from "../../src/resources/agentrevision/kind.ts";
import type { ConfigMap } from "../../src/resources/configmap/kind.ts";
import type { PriorityClasses } from "../../src/resources/priorityclass/priority.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import type { StoreChange, Decision as StoreDecision } from "../store/decision.ts";
import type { Work } from "./work.ts";

/** What a namespace holds, as far as decisions need to see it. */
export interface View {
	readonly namespace: string;
	agent(name: string): Agent | undefined;
	/** The first names, sorted. */
	agentNames(limit: number): string[];
	/** Revisions of an agent, by the agent's uid, in no order. */
	revisions(agentUid: string): AgentRevision[];
	/** A revision of an agent by its digest; `undefined` when it is forgotten. */
	revision(agent: string, digest: string): AgentRevision | undefined;
	/** As the cluster last said; `undefined` when it never did. */
	priorityClasses(): PriorityClasses | undefined;
	session(name: string): Session | undefined;
	task(name: string): Task | undefined;
	configMap(name: string): ConfigMap | undefined;
	/** Tasks of a session that have not ended. */
	openTasks(session: string): Task[];
	/** Whether the prompt of a task, by uid, is still waiting to be told to its session. */
	unsent(session: string, taskUid: string): boolean;
	/** Whether a session is still to be told that it is deleted. */
	leaving(session: string): boolean;
}

/** What a namespace writes beside objects: what its sessions are to be told. */
export type WorkChange =
	| { type: "enqueue"; work: Work }
	/** Takes work of a session back: what concerns one task, or everything. */
	| { type: "withdraw"; session: string; taskUid?: string };

export type Change = StoreChange | WorkChange;
export type Decision<T> = StoreDecision<T, WorkChange>;

export type { Stamp } from "../store/decision.ts";
export { put } from "../store/decision.ts";
