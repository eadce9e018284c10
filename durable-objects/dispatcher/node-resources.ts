import { Authorizer } from "../../src/api/rbac/authorizer.ts";
import { conditionStatus } from "../../src/resources/conditions.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import { nodeFromRecord, withLeases } from "../../src/resources/node/from-record.ts";
import { type Node, nodeKind } from "../../src/resources/node/kind.ts";
import { standingOf, withTaints } from "../../src/resources/node/taints.ts";
import { type BaseResource, timestamp } from "../../src/resources/resource.ts";
import { type Decision, put, type Stamp, type StoreChange } from "../store/decision.ts";
import { migrate } from "../store/migrate.ts";
import { ResourceHost } from "../store/resource-host.ts";
import { CHANGES, RESOURCES } from "../store/tables.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Heartbeats } from "./heartbeats.ts";

const SYSTEM = { user: "system:node-dispatcher", groups: ["system:masters"] };
const PLURAL = nodeKind.plural;
/** A change and what follows from it are through in two; the rest waits for the next change rather than go round for ever. */
const ROUNDS = 8;

/**
 * The nodes of a pool as resources: what people say of a node (labels, taints, whether it is cordoned) is kept with what
 * its machine says of itself, and the dispatcher places by both.
 */
export class NodeResources {
	readonly host: ResourceHost;
	readonly #dispatcher: Dispatcher;
	readonly #heartbeats: Heartbeats;
	/** Every resource is to be looked at: nothing was yet, or a transaction failed. */
	#all = true;

	constructor(storage: DurableObjectStorage, dispatcher: Dispatcher, heartbeats: Heartbeats) {
		this.#dispatcher = dispatcher;
		this.#heartbeats = heartbeats;
		migrate(storage, [RESOURCES, CHANGES]);
		// Who may ask was decided by the cluster, which has the roles.
		const authorizer = new Authorizer({ version: 0, clusterRoles: {}, clusterRoleBindings: [] });
		this.host = new ResourceHost({
			storage,
			namespace: undefined,
			kinds: [nodeKind],
			strategy: (plural) => (plural === PLURAL ? { present: (node) => this.#present(node), update } : undefined),
			prepare: (_kind, body) => body,
			mutate: () => undefined,
			admit: () => undefined,
			authorizer: () => authorizer,
			apply: () => undefined,
			follow: () => [],
			rolledBack: () => undefined,
			committed: (changes) => {
				this.#dispatcher.hold(() => {
					for (const { type, object } of changes) if (type !== "DELETED") this.#dispatcher.nodeChanged(object as Node);
				});
			},
			system: SYSTEM,
			now: Date.now,
			uid: () => crypto.randomUUID(),
			random: Math.random,
		});
		this.sync();
	}

	/**
	 * Brings the resources up to what the dispatcher knows of the machines, and the dispatcher to what follows from that, until
	 * neither has anything new for the other.
	 */
	sync(): void {
		for (let round = 0; round < ROUNDS && (this.#all || this.#dispatcher.pool.hasTouched()); round++) {
			this.#once();
			this.#dispatcher.settle();
		}
	}

	/** To be handed to {@link rolledBack} should the transaction fail around a {@link sync}. */
	version(): number {
		return this.host.store.version();
	}

	rolledBack(version: number): void {
		this.host.store.rollback(version);
		this.#all = true;
	}

	#once(): void {
		const { pool } = this.#dispatcher;
		const changes: StoreChange[] = [];
		const touched = pool.takeTouched();
		const { ledger } = pool;
		const there = this.#all ? this.host.store.names(PLURAL, Number.MAX_SAFE_INTEGER) : [];
		const names = this.#all ? new Set([...Array.from(ledger.nodes(), ({ name }) => name), ...there]) : touched;
		this.#all = false;
		for (const name of names) {
			const stored = ledger.node(name);
			if (!stored) {
				if (this.host.store.get(PLURAL, name)) changes.push({ type: "remove", plural: PLURAL, name });
				continue;
			}
			const old = this.host.store.get<Node>(PLURAL, name);
			const node = nodeFromRecord(pool.record(stored), old);
			if (old && said(old) === said(node)) continue;
			if (old && old.metadata.uid !== node.metadata.uid) changes.push({ type: "remove", plural: PLURAL, name });
			changes.push(put(PLURAL, node));
		}
		if (changes.length > 0) this.host.commit(changes);
	}

	#present(node: BaseResource): Node {
		const { pool } = this.#dispatcher;
		const stored = pool.ledger.node(node.metadata.name);
		if (!stored) return node as Node;
		const record = pool.record(stored);
		return withLeases(node as Node, { ...record, heardAt: this.#heartbeats.heardAt(record) });
	}
}

/** Whoever cordons a node, or takes a taint away, sees at once which taints follow. */
function update(_old: BaseResource, next: BaseResource, { now }: Stamp): Decision<BaseResource> {
	const node = next as Node;
	const standing = standingOf(conditionStatus(node.status.conditions, "Ready"));
	const value: Node = { ...node, spec: withTaints(node.spec, standing, timestamp(now)) };
	return { ok: true, changes: [put(PLURAL, value)], value };
}

function said({ metadata, spec, status }: Node): string {
	return canonicalJson([{ ...metadata, resourceVersion: "" }, spec, status]);
}
