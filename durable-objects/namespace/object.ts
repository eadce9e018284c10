import { DurableObject } from "cloudflare:workers";
import { callTwice, statusOfFailedCall } from "../../src/api/call.ts";
import { type Answer, failure, notFound, refuse, type Status, success } from "../../src/api/status.ts";
import type { Env } from "../../src/env.ts";
import { type Agent, agentKind } from "../../src/resources/agent/kind.ts";
import type { KindDefinition } from "../../src/resources/kind.ts";
import { generateName } from "../../src/resources/name.ts";
import { KINDS } from "../../src/resources/registry.ts";
import type { Draft, Resource } from "../../src/resources/resource.ts";
import type { Session } from "../../src/resources/session/kind.ts";
import { sessionObjectName } from "../names.ts";
import type { Inbound, SendReply, SessionReport } from "../ports.ts";
import { agentOfSession, presentAgent, snapshot } from "./agents.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { controllerOf } from "./controllers.ts";
import type { Change, Decision, Stamp, View } from "./decision.ts";
import { Delivery, RECOVERY_MS } from "./delivery.ts";
import { Lanes } from "./lanes.ts";
import { applyReport } from "./reports.ts";
import { type Page, ResourceStore } from "./resource-store.ts";
import { openSession } from "./sessions.ts";
import { migrate } from "./tables.ts";
import { cancelTask, cancelUnsent, messageOf, promptAccepted, promptDelayed } from "./tasks.ts";
import { viewOf } from "./view.ts";
import type { QueuedWork } from "./work.ts";
import { WorkQueue } from "./work-queue.ts";

/** Names that are tried before a `generateName` is given up. */
const NAME_ATTEMPTS = 8;
/** A deletion answers after this long even when the session was not told yet. */
const DELETION_WAIT_MS = 2_000;

/** A message for a session, as the gateway hands it over. */
export type Message = Omit<Inbound, "task"> & { session: string };
export type MessageReply = SendReply & { session: string };

/**
 * A namespace: its objects, and the work of telling sessions what was decided about them. This class owns storage, the
 * alarm and RPC; what happens is decided by the pure functions of `agents.ts`, `sessions.ts`, `tasks.ts` and
 * `reports.ts`. What can be refused is answered as an {@link Answer}.
 */
export class NamespaceObject extends DurableObject<Env> {
	readonly #view: View;
	readonly #store: ResourceStore;
	readonly #queue: WorkQueue;
	readonly #alarm: AlarmClock;
	readonly #delivery: Delivery;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		migrate(ctx.storage);
		this.#store = new ResourceStore(ctx.storage.sql);
		this.#queue = new WorkQueue(ctx.storage.sql);
		this.#view = viewOf(namespaceOf(ctx.id), this.#store, this.#queue);
		this.#alarm = new AlarmClock(ctx.storage);
		this.#delivery = new Delivery({
			queue: this.#queue,
			lanes: new Lanes(),
			alarm: this.#alarm,
			tell: (item) => this.#tell(item),
			failed: (item, error, nextAt) => this.#failed(item, error, nextAt),
			now: Date.now,
			random: Math.random,
		});
		ctx.blockConcurrencyWhile(async () => {
			await this.#alarm.load();
			// Work without an alarm is what a release leaves behind whose alarm() could not run; it must not wait for more work.
			if (this.#queue.nextAt() !== undefined) this.#alarm.noLaterThan(Date.now() + RECOVERY_MS);
		});
	}

	async get(plural: string, name: string): Promise<Answer<Resource>> {
		const object = this.#store.get(plural, name);
		return object ? { ok: true, value: this.#present(object) } : refuse(notFound(kindOf(plural), name));
	}

	/** A page of objects in order of their names, after the name `after`. */
	async list(plural: string, after?: string): Promise<Answer<Page>> {
		const page = this.#store.page(plural, after);
		if (plural !== agentKind.plural) return { ok: true, value: page };
		const activity = this.#store.activity();
		const items = page.items.map((agent) => presentAgent(agent as Agent, activity.get(agent.metadata.name)));
		return { ok: true, value: { ...page, items } };
	}

	async create(plural: string, draft: Draft): Promise<Answer<Resource>> {
		const name = draft.metadata.name || this.#freeName(plural, draft.metadata.generateName ?? "");
		if (name === undefined) {
			const message = `No free name was found for generateName "${draft.metadata.generateName}" in ${NAME_ATTEMPTS} attempts. Try again.`;
			return refuse(failure("AlreadyExists", message));
		}
		return this.#write(plural, name, controllerOf(plural).create(this.#view, name, draft, stamp()));
	}

	/** Replaces the object or creates it. */
	async replace(plural: string, name: string, draft: Draft): Promise<Answer<{ object: Resource; created: boolean }>> {
		const created = this.#store.get(plural, name) === undefined;
		const decision = controllerOf(plural).replace?.(this.#view, name, draft, stamp());
		if (!decision) return refuse(failure("MethodNotAllowed", `Objects of kind ${plural} cannot be replaced.`));
		const answer = this.#write(plural, name, decision);
		return answer.ok ? { ok: true, value: { object: answer.value, created } } : answer;
	}

	/** Deletes an object; what runs for it is stopped. `by` is who asked for it. */
	async delete(plural: string, name: string, by: string): Promise<Answer<Status>> {
		const decision = controllerOf(plural).delete(this.#view, name, by, stamp());
		if (!decision.ok) return decision;
		this.#commit(decision.changes);
		if (plural === "sessions") await atMost(DELETION_WAIT_MS, this.#delivery.push(name));
		return { ok: true, value: success(kindOf(plural), name, decision.value.metadata.uid) };
	}

	async cancelTask(name: string, by: string, reason: string): Promise<Answer<Resource>> {
		return this.#write("tasks", name, cancelTask(this.#view, name, by, reason, stamp()));
	}

	/** Hands a message to its session. When this answers, the message will be answered or visibly failed. */
	async sendMessage({ session: name, ...message }: Message): Promise<Answer<MessageReply>> {
		return this.#direct(name, async (session) => {
			const agent = agentOfSession(this.#view, name, session.spec.agent ?? "");
			if (!agent.ok) return agent;
			const input = { identity: this.#identity(session), agent: snapshot(agent.agent), message };
			const reply = await callTwice(
				() => this.#session(name),
				(stub) => stub.send(input),
			);
			return { ok: true, value: { session: name, ...reply } };
		});
	}

	/** Stops what a session does and drops what it was to do next. */
	async cancelSession(name: string, by: string, reason: string): Promise<Answer<{ cancelled: string[] }>> {
		return this.#direct(name, async () => {
			this.#commit(cancelUnsent(this.#view, name, by, reason, stamp()));
			const value = await callTwice(
				() => this.#session(name),
				(stub) => stub.cancel({ by, reason }),
			);
			return { ok: true, value };
		});
	}

	/** What a session has to say of itself and its runs. May be repeated and may come out of order. */
	async report(report: SessionReport): Promise<void> {
		this.#commit(applyReport(this.#view, report));
	}

	/** Never throws: after six throws an object's alarms stop for good. */
	override async alarm(): Promise<void> {
		this.#alarm.wentOff();
		try {
			this.#delivery.expect();
			this.#delivery.pump();
			await this.#delivery.idle();
		} catch (error) {
			console.error(`namespace ${this.#view.namespace} failed to deliver`, error);
			this.#delivery.expect();
		}
	}

	/** Writes a decision, starts what follows from it, and answers with the object as it is now. */
	#write(plural: string, name: string, decision: Decision<Resource>): Answer<Resource> {
		if (!decision.ok) return decision;
		this.#commit(decision.changes);
		return { ok: true, value: this.#present(this.#store.get(plural, name) ?? decision.value) };
	}

	/** Writes changes all together. No `await` may come between a decision and this. */
	#commit(changes: readonly Change[], done?: QueuedWork): void {
		const sessions = new Set(changes.flatMap((change) => (change.type === "enqueue" ? [change.work.session] : [])));
		if (sessions.size > 0) this.#delivery.expect();
		this.ctx.storage.transactionSync(() => {
			const version = changes.some(({ type }) => type === "put" || type === "remove") ? this.#store.nextVersion() : 0;
			for (const change of changes) this.#apply(change, version);
			if (done) this.#queue.done(done);
		});
		for (const session of sessions) this.ctx.waitUntil(this.#delivery.push(session));
	}

	#apply(change: Change, version: number): void {
		if (change.type === "put") this.#store.put(change.plural, change.object, version);
		else if (change.type === "remove") this.#store.remove(change.plural, change.name);
		else if (change.type === "enqueue") this.#queue.enqueue(change.work, Date.now());
		else this.#queue.withdraw(change.session, change.taskUid);
	}

	/** Tells a session one thing that it is owed. Rejects when it must be told again. */
	async #tell(item: QueuedWork): Promise<void> {
		const { work } = item;
		const session = this.#session(work.session);
		switch (work.type) {
			case "send": {
				const task = this.#view.task(work.task);
				if (task?.metadata.uid !== work.uid) return this.#commit([], item);
				const { run } = await session.send({ identity: work.identity, agent: work.agent, message: messageOf(task) });
				return this.#commit(promptAccepted(this.#view, work.task, work.uid, run), item);
			}
			case "cancel":
				await session.cancel({ key: work.key, by: work.by, reason: work.reason });
				return this.#commit([], item);
			case "remove": {
				await session.remove();
				const gone = this.#view.session(work.session)?.metadata.uid === work.uid;
				return this.#commit(gone ? [{ type: "remove", plural: "sessions", name: work.session }] : [], item);
			}
		}
	}

	#failed(item: QueuedWork, error: unknown, nextAt: number): void {
		const { work } = item;
		const why = error instanceof Error ? error.message : String(error);
		console.warn(`namespace ${this.#view.namespace}: session ${work.session} was not told to ${work.type}: ${why}`);
		this.ctx.storage.transactionSync(() => this.#queue.retry(item, nextAt));
		if (work.type === "send") this.#commit(promptDelayed(this.#view, work.task, work.uid, why));
	}

	/** Calls a session while it is told nothing else, so that nothing reaches it after its deletion. */
	async #direct<T>(name: string, call: (session: Session) => Promise<Answer<T>>): Promise<Answer<T>> {
		try {
			return await this.#delivery.direct(name, async () => {
				const open = openSession(this.#view, name);
				return open.ok ? call(open.session) : open;
			});
		} catch (error) {
			console.warn(`namespace ${this.#view.namespace}: session ${name} could not be called`, error);
			return refuse(statusOfFailedCall(error, `Session ${this.#view.namespace}/${name}`));
		}
	}

	#present(object: Resource): Resource {
		if (object.kind !== agentKind.kind) return object;
		const { name } = object.metadata;
		return presentAgent(object as Agent, this.#store.activity(name).get(name));
	}

	#freeName(plural: string, stem: string): string | undefined {
		for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
			const name = generateName(stem, Math.random);
			if (!this.#store.get(plural, name)) return name;
		}
		return undefined;
	}

	#session(name: string) {
		return this.env.SESSION.getByName(sessionObjectName(this.#view.namespace, name));
	}

	#identity({ metadata }: Session) {
		return { namespace: this.#view.namespace, name: metadata.name, uid: metadata.uid };
	}
}

/** Objects are named `cluster/namespace`; a namespace's name has no slash. */
function namespaceOf({ name = "" }: DurableObjectId): string {
	return name.slice(name.lastIndexOf("/") + 1);
}

function kindOf(plural: string): KindDefinition {
	const kind = KINDS.find((known) => known.plural === plural);
	if (!kind) throw new Error(`klaw serves no ${plural}.`);
	return kind;
}

function stamp(): Stamp {
	return { now: Date.now(), uid: () => crypto.randomUUID() };
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
	clearTimeout(timer);
}
