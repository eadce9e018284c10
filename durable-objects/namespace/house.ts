import { Authorizer } from "../../src/api/rbac/authorizer.ts";
import type { Policy } from "../../src/api/rbac/policy.ts";
import type { Caller } from "../../src/api/request.ts";
import type { Env } from "../../src/env.ts";
import type { Secret } from "../../src/resources/secret/kind.ts";
import { sealable } from "../../src/resources/secret/sealable.ts";
import { sessionObjectName } from "../names.ts";
import { AlarmClock } from "../store/alarm-clock.ts";
import type { Committed } from "../store/change-log.ts";
import type { Stamp, StoreChange } from "../store/decision.ts";
import { removed } from "../store/deletion.ts";
import { migrateStore } from "../store/migrate.ts";
import type { Admission } from "../store/owner.ts";
import { ResourceHost } from "../store/resource-host.ts";
import { Seal, valuesOf } from "../store/sealing.ts";
import { Activity } from "./activity.ts";
import { refuseEscalation, refuseForeignSession, refuseWhileTerminating } from "./admission.ts";
import { configMapChanged } from "./agent-ready.ts";
import { strategies } from "./controllers.ts";
import type { Change, View, WorkChange } from "./decision.ts";
import { Delivery, RECOVERY_MS } from "./delivery.ts";
import { NAMESPACED_KINDS } from "./kinds.ts";
import { Lanes } from "./lanes.ts";
import { concernsPolicy, localPolicy } from "./local-policy.ts";
import { newObject } from "./object-meta.ts";
import { Quotas } from "./quotas.ts";
import { MIGRATIONS } from "./tables.ts";
import { cancelUnsent, messageOf, promptAccepted, promptDelayed } from "./tasks.ts";
import { agentsReading, viewOf } from "./view.ts";
import type { QueuedWork } from "./work.ts";
import { WorkQueue } from "./work-queue.ts";

/** Who deletes what is collected. */
const COLLECTOR: Caller = { user: "system:serviceaccount:kube-system:generic-garbage-collector", groups: ["system:masters"] };
const DEFAULT_SERVICE_ACCOUNT = "default";

export interface HousePorts {
	ctx: DurableObjectState;
	/** As it is now: tests cut objects off from each other by it. */
	env(): Env;
	cluster: string;
	namespace: string;
	/** As the cluster last said. */
	policy(): Policy;
	phase(): "Active" | "Terminating";
	/** Of this namespace's secrets; present whenever one is written. */
	key(): Uint8Array | undefined;
}

/** What a namespace that exists is made of: its resources, and the work of telling sessions what was decided about them. */
export class NamespaceHouse {
	readonly host: ResourceHost<WorkChange>;
	readonly view: View;
	readonly delivery: Delivery;
	readonly #ports: HousePorts;
	readonly #queue: WorkQueue;
	readonly #alarm: AlarmClock;
	readonly #activity: Activity;
	readonly #quotas: Quotas;
	#authorizer: Authorizer | undefined;
	/** When the alarm is needed for something other than work; milliseconds since the epoch. */
	#revisitAt: number | undefined;

	constructor(ports: HousePorts) {
		const { ctx, namespace } = ports;
		const { storage } = ctx;
		this.#ports = ports;
		migrateStore(storage, MIGRATIONS, Date.now());
		this.#queue = new WorkQueue(storage.sql);
		this.#activity = new Activity(storage.sql);
		this.host = new ResourceHost<WorkChange>({
			storage,
			namespace,
			kinds: NAMESPACED_KINDS,
			strategy: (plural) => this.#strategies[plural],
			prepare: (kind, body) => this.#quotas.withDefaults(kind, body),
			mutate: (write) => this.#mutate(write),
			admit: (write) => this.#admit(write),
			authorizer: () => this.authorizer(),
			apply: (change) => this.#applyWork(change),
			follow: (changes) => this.#follow(changes),
			rolledBack: () => this.#forget(),
			committed: (changes, work) => this.#committed(changes, work),
			system: COLLECTOR,
			now: Date.now,
			uid: () => crypto.randomUUID(),
			random: Math.random,
		});
		this.view = viewOf(namespace, this.host.store, this.#queue, () => ports.policy().priorityClasses);
		this.#quotas = new Quotas(this.host.store, this.view);
		this.#strategies = { ...strategies(this.view, this.#activity), resourcequotas: { present: (quota) => this.#quotas.present(quota) } };
		this.#alarm = new AlarmClock(storage);
		this.delivery = new Delivery({
			queue: this.#queue,
			lanes: new Lanes(),
			alarm: { noLaterThan: (at) => this.#alarm.noLaterThan(at), set: (at) => this.#alarm.set(earlier(at, this.#revisitAt)) },
			tell: (item) => this.#tell(item),
			failed: (item, error, nextAt) => this.#failed(item, error, nextAt),
			now: Date.now,
			random: Math.random,
		});
	}

	readonly #strategies: ReturnType<typeof strategies>;

	/** Learns where the alarm stands, and moves it where it is needed. */
	async wake(): Promise<void> {
		await this.#alarm.load();
		// Work without an alarm is what a release leaves behind whose alarm() could not run; it must not wait for more work.
		if (this.#queue.nextAt() !== undefined) this.#alarm.noLaterThan(Date.now() + RECOVERY_MS);
	}

	/** What Kubernetes puts into every namespace. */
	furnish(): void {
		if (this.host.store.get("serviceaccounts", DEFAULT_SERVICE_ACCOUNT)) return;
		const { generation: _, ...metadata } = newObject(
			SERVICE_ACCOUNT,
			this.#ports.namespace,
			DEFAULT_SERVICE_ACCOUNT,
			this.stamp(COLLECTOR),
		).metadata;
		this.host.commit([{ type: "put", plural: "serviceaccounts", object: { apiVersion: "v1", kind: "ServiceAccount", metadata } }]);
	}

	stamp(caller: Caller): Stamp {
		return { now: Date.now(), uid: () => crypto.randomUUID(), caller };
	}

	authorizer(): Authorizer {
		const { store } = this.host;
		const local = () => localPolicy(this.#ports.namespace, store.all("roles"), store.all("rolebindings"));
		this.#authorizer ??= new Authorizer(this.#ports.policy(), local());
		return this.#authorizer;
	}

	/** The policy of the cluster is another one. */
	policyChanged(): void {
		this.#authorizer = undefined;
	}

	/** Has the alarm go off after `ms`, whether or not there is work by then. */
	revisit(ms: number): void {
		this.#revisitAt = earlier(this.#revisitAt, Date.now() + ms);
		if (this.#revisitAt !== undefined) this.#alarm.noLaterThan(this.#revisitAt);
	}

	async alarm(): Promise<void> {
		this.#alarm.wentOff();
		this.#revisitAt = undefined;
		this.delivery.expect();
		this.host.collect();
		this.delivery.pump();
		await this.delivery.idle();
	}

	session(name: string) {
		return this.#ports.env().SESSION.getByName(sessionObjectName(this.#ports.namespace, name, this.#ports.cluster));
	}

	/** Ends the tasks of a session whose prompts it was not told yet. */
	cancelUnsent(session: string, caller: Caller, reason: string): void {
		this.host.commit(cancelUnsent(this.view, session, reason, this.stamp(caller)));
	}

	#mutate(write: Admission): void {
		if (write.kind.plural !== "secrets") return;
		const key = this.#ports.key();
		if (!key) throw new Error(`namespace ${this.#ports.namespace} has no key to seal a secret with`);
		const seal = new Seal(key, (bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
		// The manifest that kubectl notes in an annotation has the values too.
		const { annotations } = sealable(write.object as Secret).shell.metadata;
		Object.assign(write.object, { data: seal.closeAll(valuesOf(write.object), valuesOf(write.old)) });
		if (annotations) write.object.metadata.annotations = annotations;
	}

	#admit(write: Admission): void {
		const { namespace, phase } = this.#ports;
		refuseWhileTerminating(write, namespace, phase());
		refuseEscalation(write, this.authorizer(), namespace);
		refuseForeignSession(write, this.authorizer(), namespace);
		this.#quotas.check(write);
	}

	#applyWork(change: WorkChange): void {
		if (change.type === "enqueue") this.#queue.enqueue(change.work, Date.now());
		else this.#queue.withdraw(change.session, change.taskUid);
	}

	/** What follows from changes, whoever made them. */
	#follow(changes: readonly Committed[]): StoreChange[] {
		this.#quotas.follow(changes);
		const configMaps = changes.filter(({ plural, type }) => plural === "configmaps" && type !== "MODIFIED");
		return [
			...this.#activity.follow(this.view, changes),
			...configMaps.flatMap(({ object }) =>
				configMapChanged(this.view, agentsReading(this.host.store, object.metadata.name), object.metadata.name, Date.now()),
			),
		];
	}

	#committed(changes: readonly Committed[], work: readonly WorkChange[]): void {
		if (changes.some(({ plural }) => concernsPolicy(plural))) this.#authorizer = undefined;
		const sessions = new Set(work.flatMap((change) => (change.type === "enqueue" ? [change.work.session] : [])));
		if (sessions.size === 0) return;
		this.delivery.expect();
		for (const session of sessions) this.#ports.ctx.waitUntil(this.delivery.push(session));
	}

	#forget(): void {
		this.#activity.forget();
		this.#quotas.forget();
	}

	/** Tells a session one thing that it is owed. Rejects when it must be told again. */
	async #tell(item: QueuedWork): Promise<void> {
		const { work } = item;
		const session = this.session(work.session);
		const commit = (changes: readonly Change[]) => this.host.commit(changes, () => this.#queue.done(item));
		switch (work.type) {
			case "send": {
				const task = this.view.task(work.task);
				if (task?.metadata.uid !== work.uid) return commit([]);
				const { run } = await session.send({ identity: work.identity, agent: work.agent, message: messageOf(task) });
				return commit(promptAccepted(this.view, work.task, work.uid, run));
			}
			case "cancel":
				await session.cancel({ key: work.key, by: work.by, reason: work.reason });
				return commit([]);
			case "remove": {
				await session.remove();
				const left = this.view.session(work.session);
				commit(left?.metadata.uid === work.uid ? removed("sessions", left) : []);
				if (this.#ports.phase() === "Terminating") this.revisit(RECOVERY_MS);
				return this.host.collect();
			}
		}
	}

	#failed(item: QueuedWork, error: unknown, nextAt: number): void {
		const { work } = item;
		const why = error instanceof Error ? error.message : String(error);
		console.warn(`namespace ${this.view.namespace}: session ${work.session} was not told to ${work.type}: ${why}`);
		this.host.commit(work.type === "send" ? promptDelayed(this.view, work.task, work.uid, why) : [], () => this.#queue.retry(item, nextAt));
	}
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
	return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const SERVICE_ACCOUNT = { group: "", version: "v1", kind: "ServiceAccount" };
