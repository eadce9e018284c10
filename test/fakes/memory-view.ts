import { createAgent } from "../../durable-objects/namespace/agents.ts";
import type { Change, Decision, Stamp, View } from "../../durable-objects/namespace/decision.ts";
import type { Work } from "../../durable-objects/namespace/work.ts";
import type { Agent } from "../../src/resources/agent/kind.ts";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import type { Draft, Resource } from "../../src/resources/resource.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import { isTerminal, type Task } from "../../src/resources/task/kind.ts";

/** A namespace in memory, for tests of decisions: applies changes and shows what came of them. */
export class MemoryView implements View {
	readonly namespace = "default";
	readonly work: Work[] = [];
	readonly #objects = new Map<string, Resource>();
	#version = 0;
	#uid = 0;
	now = Date.UTC(2026, 10, 22, 8);

	get stamp(): Stamp {
		return { now: this.now, uid: () => `uid-${++this.#uid}` };
	}

	agent = (name: string) => this.#objects.get(`agents/${name}`) as Agent | undefined;
	session = (name: string) => this.#objects.get(`sessions/${name}`) as Session | undefined;
	task = (name: string) => this.#objects.get(`tasks/${name}`) as Task | undefined;
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

	apply(changes: readonly Change[]): void {
		this.#version++;
		for (const change of changes) {
			if (change.type === "remove") this.#objects.delete(`${change.plural}/${change.name}`);
			if (change.type === "enqueue") this.work.push(change.work);
			if (change.type === "withdraw") this.#withdraw(change.session, change.taskUid);
			if (change.type !== "put") continue;
			const { object } = change;
			const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
			this.#objects.set(`${change.plural}/${metadata.name}`, { ...object, metadata });
		}
	}

	/** Applies a decision that must not be a refusal. */
	do<T>(decision: Decision<T>): T {
		if (!decision.ok) throw new Error(decision.status.message);
		this.apply(decision.changes);
		return decision.value;
	}

	addAgent(name: string, spec: object = {}): Agent {
		return this.do(createAgent(this, name, draftOf(agentSpecSchema.parse(spec), "digest-1"), this.stamp));
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

export function draftOf<Spec>(spec: Spec, digest = "digest", metadata: Draft["metadata"] = {}): Draft<Spec> {
	return { metadata, spec, digest };
}
