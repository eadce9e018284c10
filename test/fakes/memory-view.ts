import { createAgent } from "../../durable-objects/namespace/agents.ts";
import type { Change, Decision, Stamp, View } from "../../durable-objects/namespace/decision.ts";
import { newObject } from "../../durable-objects/namespace/object-meta.ts";
import type { Work } from "../../durable-objects/namespace/work.ts";
import type { EventNote } from "../../durable-objects/store/decision.ts";
import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { AgentRevision } from "../../src/resources/agentrevision/kind.ts";
import type { ConfigMap } from "../../src/resources/configmap/kind.ts";
import type { PriorityClasses } from "../../src/resources/priorityclass/priority.ts";
import type { BaseResource, Resource } from "../../src/resources/resource.ts";
import { type Session, type SessionSpec, sessionKind } from "../../src/resources/session/kind.ts";
import { isTerminal, type Task, taskKind } from "../../src/resources/task/kind.ts";
import { type TaskSpec, taskSpecSchema } from "../../src/resources/task/schema.ts";

const NAMESPACE = "default";

/** A namespace in memory, for tests of decisions: applies changes and shows what came of them. */
export class MemoryView implements View {
	readonly namespace = NAMESPACE;
	readonly work: Work[] = [];
	readonly events: EventNote[] = [];
	readonly #objects = new Map<string, BaseResource>();
	#version = 0;
	#uid = 0;
	now = Date.UTC(2026, 10, 22, 8);

	get stamp(): Stamp {
		return { now: this.now, uid: () => `uid-${++this.#uid}`, caller: { user: "ann", groups: [] } };
	}

	agent = (name: string) => this.#objects.get(`agents/${name}`) as Agent | undefined;
	session = (name: string) => this.#objects.get(`sessions/${name}`) as Session | undefined;
	task = (name: string) => this.#objects.get(`tasks/${name}`) as Task | undefined;
	configMap = (name: string) => this.#objects.get(`configmaps/${name}`) as ConfigMap | undefined;
	/** What the cluster last said. */
	classes: PriorityClasses | undefined = {};
	priorityClasses = () => this.classes;
	revision = (agent: string, digest: string) => this.#objects.get(`agentrevisions/${agent}-${digest}`) as AgentRevision | undefined;
	revisions = (agentUid: string) =>
		[...this.#objects.values()].filter((object): object is AgentRevision =>
			(object.metadata.ownerReferences ?? []).some(({ uid }) => object.kind === "AgentRevision" && uid === agentUid),
		);
	agentNames = (limit: number) =>
		[...this.#objects.keys()]
			.flatMap((key) => (key.startsWith("agents/") ? [key.slice("agents/".length)] : []))
			.sort()
			.slice(0, limit);
	openTasks = (session: string) =>
		[...this.#objects.values()].filter((object): object is Task => {
			return object.kind === "Task" && (object as Task).status.session === session && !isTerminal((object as Task).status);
		});
	unsent = (session: string, uid: string) => this.work.some((work) => work.type === "send" && work.session === session && work.uid === uid);
	leaving = (session: string) => this.work.some((work) => work.type === "remove" && work.session === session);

	apply(changes: readonly Change[]): void {
		this.#version++;
		for (const change of changes) {
			if (change.type === "remove") this.#objects.delete(`${change.plural}/${change.name}`);
			if (change.type === "enqueue") this.work.push(change.work);
			if (change.type === "withdraw") this.#withdraw(change.session, change.taskUid);
			if (change.type === "event") this.events.push(change.event);
			if (change.type === "put") this.put(change.plural, change.object);
		}
	}

	put(plural: string, object: BaseResource): void {
		const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
		this.#objects.set(`${plural}/${metadata.name}`, { ...object, metadata });
	}

	/** Applies a decision that must not be a refusal. */
	do<T>(decision: Decision<T>): T {
		if (!decision.ok) throw new Error(decision.status.message);
		this.apply(decision.changes);
		return decision.value;
	}

	addAgent(name: string, spec: object = {}): Agent {
		return this.do(createAgent(this, this.agentDraft(name, spec), this.stamp));
	}

	/** Objects as they are when a strategy completes them: admitted, and without a status. */
	agentDraft(name: string, spec: object = {}): Agent {
		return this.#draft(agentKind, name, agentSpecSchema.parse(spec));
	}

	sessionDraft(name: string, spec: SessionSpec = {}): Session {
		return this.#draft(sessionKind, name, spec);
	}

	taskDraft(name: string, spec: Partial<TaskSpec> = {}): Task {
		return this.#draft(taskKind, name, taskSpecSchema.parse({ prompt: "work", ...spec }));
	}

	#draft<Object extends Resource>(
		kind: typeof agentKind | typeof sessionKind | typeof taskKind,
		name: string,
		spec: Object["spec"],
	): Object {
		return { ...newObject(kind, NAMESPACE, name, this.stamp), spec } as Object;
	}

	#withdraw(session: string, taskUid: string | undefined): void {
		const kept = this.work.filter((work) => {
			if (work.session !== session) return true;
			if (taskUid === undefined) return false;
			return !(work.type === "send" ? work.uid === taskUid : work.type === "cancel" && work.key === `task:${taskUid}`);
		});
		this.work.splice(0, this.work.length, ...kept);
	}
}
