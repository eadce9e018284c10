import { attributesOf } from "../../src/api/rbac/attributes.ts";
import { forbidden, forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import type { ApiReply, ApiRequest, Attributes, Caller } from "../../src/api/request.ts";
import { type Answer, ApiError, refuse, type Status } from "../../src/api/status.ts";
import { type Cluster, clusterKind } from "../../src/resources/cluster/kind.ts";
import { type ClusterRole, clusterRoleKind } from "../../src/resources/clusterrole/kind.ts";
import { clusterRoleBindingKind } from "../../src/resources/clusterrolebinding/kind.ts";
import type { KindDefinition } from "../../src/resources/kind.ts";
import { type Namespace, namespaceKind } from "../../src/resources/namespace/kind.ts";
import { type PriorityClass, priorityClassKind } from "../../src/resources/priorityclass/kind.ts";
import { DEFAULT_CLUSTER } from "../names.ts";
import type { AuditEntry, AuditLog } from "../store/audit-log.ts";
import { put } from "../store/decision.ts";
import { DenialLimit } from "../store/denial-limit.ts";
import { migrateStore } from "../store/migrate.ts";
import type { Admission } from "../store/owner.ts";
import { ResourceHost } from "../store/resource-host.ts";
import { refuseDeletion, refuseEscalation } from "./admission.ts";
import { bootstrapPolicy } from "./bootstrap.ts";
import { closed, clusterStrategy, newCluster } from "./clusters.ts";
import { DeliveryQueue } from "./delivery-queue.ts";
import { type ClusterChange, followUps } from "./follow-ups.ts";
import { NamespaceKeys } from "./namespace-keys.ts";
import { DEFAULT_NAMESPACE, emptied, namespaceStrategy, newNamespace, terminating } from "./namespaces.ts";
import { PolicyBook } from "./policy-book.ts";
import type { NamespaceStanding } from "./ports.ts";
import { missingSystemClasses, refuseSecondDefault } from "./priority-classes.ts";
import { SigningKeys } from "./signing-keys.ts";
import { CLUSTER_MIGRATIONS } from "./tables.ts";

/** Who asks when the cluster itself does something. */
const SYSTEM: Caller = { user: "system:klaw", groups: ["system:masters"] };

export interface ControlPlanePorts {
	/** Name of the cluster. */
	name: string;
	storage: Pick<DurableObjectStorage, "sql" | "transactionSync" | "sync">;
	/** Milliseconds since the epoch. */
	now(): number;
	uid(): string;
	/** In [0, 1). */
	random(): number;
}

/** What a cluster holds and decides: everything but who is told of it, and how. */
export class ControlPlane {
	readonly queue: DeliveryQueue;
	readonly book: PolicyBook;
	readonly signingKeys: SigningKeys;
	readonly #ports: ControlPlanePorts;
	readonly #host: ResourceHost<ClusterChange>;
	readonly #denials = new DenialLimit();
	readonly #namespaceKeys: NamespaceKeys;

	/** Creates what every cluster has, and adds what is missing of it. */
	constructor(ports: ControlPlanePorts) {
		this.#ports = ports;
		const { storage, now, uid, random } = ports;
		migrateStore(storage, CLUSTER_MIGRATIONS, now());
		this.queue = new DeliveryQueue(storage.sql);
		this.book = new PolicyBook(storage.sql, () => this.#host.store);
		this.signingKeys = new SigningKeys(storage.sql);
		this.#namespaceKeys = new NamespaceKeys(storage.sql);
		const strategies = new Map([
			[namespaceKind.plural, namespaceStrategy((name) => this.namespace(name))],
			[clusterKind.plural, clusterStrategy((name) => this.cluster(name))],
		]);
		this.#host = new ResourceHost<ClusterChange>({
			storage,
			namespace: undefined,
			kinds: this.#kinds(),
			strategy: (plural) => strategies.get(plural),
			prepare: (_kind, body) => body,
			mutate: () => undefined,
			admit: (write) => this.#admit(write),
			authorizer: () => this.book.authorizer(),
			apply: (change) => this.#apply(change),
			follow: (written) =>
				followUps(written, {
					clusterRoles: () => [...this.#host.store.all<ClusterRole>(clusterRoleKind.plural)],
					namespace: (name) => this.namespace(name),
					cluster: (name) => this.cluster(name),
					now: now(),
				}),
			committed: (_, extras) => {
				if (extras.some(({ type }) => type === "policy")) this.book.forget();
			},
			rolledBack: () => this.book.forget(),
			system: SYSTEM,
			now,
			uid,
			random,
		});
		this.#bootstrap();
	}

	namespace(name: string): Namespace | undefined {
		return this.#host.store.get<Namespace>(namespaceKind.plural, name);
	}

	cluster(name: string): Cluster | undefined {
		return this.#host.store.get<Cluster>(clusterKind.plural, name);
	}

	namespaceNames(): string[] {
		return this.#host.store.names(namespaceKind.plural, Number.MAX_SAFE_INTEGER);
	}

	/** Answers a caller who may ask it. */
	serve(request: ApiRequest): Answer<ApiReply> {
		const refused = refuseDeletion(request);
		return refused ? refuse(this.#recorded(refused, request.caller, attributesOf(request))) : this.#host.serve(request);
	}

	/** The stream of a watch of a caller who may watch. */
	get watch(): ResourceHost<ClusterChange>["watch"] {
		return this.#host.watch.bind(this.#host);
	}

	/** Refuses what the caller may not do, and writes it down. */
	deny(caller: Caller, attributes: Attributes, reason: string): Status {
		return this.#recorded(forbidden(caller, attributes, reason), caller, attributes);
	}

	get audit(): AuditLog {
		return this.#host.audit;
	}

	/** What a namespace must know of itself. One that is there is told of every change from now on. */
	standing(name: string): NamespaceStanding {
		const policy = this.book.policy();
		const namespace = this.namespace(name);
		if (!namespace) return { exists: false, policy };
		this.book.follow(name);
		const phase = namespace.metadata.deletionTimestamp === undefined ? "Active" : "Terminating";
		return { exists: true, uid: namespace.metadata.uid, phase, key: this.#namespaceKeys.of(name), policy };
	}

	/** Nothing is left in a namespace. */
	emptied(name: string, uid: string): void {
		const namespace = this.namespace(name);
		if (namespace?.metadata.uid === uid) this.#host.commit(emptied(namespace));
	}

	/** Nothing is left of another cluster. */
	closed(name: string): void {
		const cluster = this.cluster(name);
		if (cluster) this.#host.commit(closed(cluster));
	}

	/** Begins the end of the cluster: all its namespaces are deleted, and no new one is made. @returns whether it is over */
	close(): boolean {
		const { storage, now } = this.#ports;
		storage.sql.exec("INSERT OR IGNORE INTO _meta VALUES ('closing', 1)");
		const open = [...this.#host.store.all<Namespace>(namespaceKind.plural)].filter(
			({ metadata }) => metadata.deletionTimestamp === undefined,
		);
		const changes = open.map((namespace) => put(namespaceKind.plural, terminating(namespace, now())));
		if (changes.length > 0) this.#host.commit(changes);
		return this.isOver();
	}

	/** It was closed, and no namespace is left. */
	isOver(): boolean {
		return this.#isClosing() && this.#host.store.names(namespaceKind.plural, 1).length === 0;
	}

	#recorded(status: Status, caller: Caller, { verb, group, resource, namespace, name }: Attributes): Status {
		const { code, reason, message } = status;
		const place = { ...(namespace !== "" && { namespace }), ...(name !== "" && { name }) };
		const outcome = { code, ...(reason && { reason }), ...(message && { message }) };
		this.keep({ at: this.#ports.now(), caller, verb, group, resource, ...place, ...outcome });
		return status;
	}

	/** Writes down what was decided; of denied requests as many as one user may fill the log with. */
	keep(entry: AuditEntry): void {
		if (entry.code !== 403) {
			this.audit.append(entry);
			return;
		}
		const { record, passedOver } = this.#denials.take(entry.caller.user, this.#ports.now());
		const more = passedOver === 0 ? "" : ` (${passedOver} more denied requests of this user were not recorded)`;
		if (record) this.audit.append({ ...entry, message: `${entry.message ?? ""}${more}` });
	}

	#isClosing(): boolean {
		return this.#ports.storage.sql.exec("SELECT 1 FROM _meta WHERE key = 'closing'").toArray().length > 0;
	}

	#kinds(): readonly KindDefinition[] {
		const everywhere: readonly KindDefinition[] = [namespaceKind, clusterRoleKind, clusterRoleBindingKind, priorityClassKind];
		// The list of clusters is in one place.
		return this.#ports.name === DEFAULT_CLUSTER ? [...everywhere, clusterKind] : everywhere;
	}

	#bootstrap(): void {
		const { name, now, uid } = this.#ports;
		const stamp = { now: now(), uid };
		const changes = bootstrapPolicy((plural, name) => this.#host.store.get(plural, name), stamp);
		changes.push(...missingSystemClasses((name) => this.#host.store.get(priorityClassKind.plural, name), stamp));
		if (!this.#isClosing() && !this.namespace(DEFAULT_NAMESPACE)) {
			changes.push(put(namespaceKind.plural, newNamespace(DEFAULT_NAMESPACE, stamp)));
		}
		if (name === DEFAULT_CLUSTER && !this.cluster(name)) changes.push(put(clusterKind.plural, newCluster(name, stamp)));
		if (changes.length > 0) this.#host.commit(changes);
	}

	/** @throws ApiError */
	#admit({ verb, kind, object, old, caller }: Admission): void {
		const classes = () => this.#host.store.all<PriorityClass>(priorityClassKind.plural);
		const refused =
			refuseEscalation(this.book.authorizer(), { verb, kind, object, old, caller }) ?? refuseSecondDefault(classes, { kind, object });
		if (refused) throw new ApiError(refused);
		if (verb === "create" && this.#isClosing()) {
			throw new ApiError(
				forbiddenBecause(
					kind,
					object.metadata.name,
					`unable to create new content in cluster ${this.#ports.name} because it is being terminated`,
				),
			);
		}
	}

	#apply(change: ClusterChange): void {
		const now = this.#ports.now();
		if (change.type === "order") {
			this.queue.order(change.what, change.name, now);
		} else if (change.type === "policy") {
			this.book.count();
			for (const namespace of this.book.followers()) this.queue.order("policy", namespace, now);
		} else {
			this.book.unfollow(change.namespace);
			this.#namespaceKeys.forget(change.namespace);
			this.queue.cancel("policy", change.namespace);
			this.queue.cancel("terminate", change.namespace);
		}
	}
}
