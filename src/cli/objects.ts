/** Objects as the API serves them: what the commands read of them, not the whole schema. */
import type { RunPhase } from "../../durable-objects/ports.ts";
import type { Usage } from "../models/message.ts";

export interface Metadata {
	name: string;
	namespace?: string;
	uid?: string;
	resourceVersion?: string;
	generation?: number;
	creationTimestamp?: string;
	deletionTimestamp?: string;
	managedFields?: unknown[];
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
}

export interface KubeObject<Spec = Record<string, unknown>, State = Record<string, unknown>> {
	apiVersion: string;
	kind: string;
	metadata: Metadata;
	spec?: Spec;
	status?: State;
}

export interface KubeList<T extends KubeObject = KubeObject> {
	apiVersion: string;
	kind: string;
	metadata?: { resourceVersion?: string; continue?: string };
	items: T[];
}

export type TaskObject = KubeObject<
	{ agent?: string; prompt: string; model?: string; session?: string },
	{
		phase?: RunPhase;
		result?: string;
		reason?: string;
		message?: string;
		session?: string;
		run?: string;
		waitingFor?: string;
		iterations?: number;
		usage?: Usage;
	}
>;

export type SessionObject = KubeObject<{ agent?: string }>;

export type NodeObject = KubeObject<
	Record<string, unknown>,
	{
		conditions?: { type: string; status: string; message?: string }[];
		capacity?: Record<string, string>;
		nodeInfo?: Record<string, string>;
	}
>;

/** What `POST …/messages` answers. */
export interface MessageReply {
	session: string;
	run: string;
	seq: number;
	duplicate: boolean;
}

/** True when nothing more will happen to the task. */
export function isOver(task: TaskObject): boolean {
	const phase = task.status?.phase;
	return phase === "Succeeded" || phase === "Failed" || phase === "Cancelled";
}
