import { Authorizer } from "../../src/api/rbac/authorizer.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import { nodeFromRecord, withLeases } from "../../src/resources/node/from-record.ts";
import { type Node, nodeKind } from "../../src/resources/node/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import type { StoreChange } from "../store/decision.ts";
import { migrate } from "../store/migrate.ts";
import { ResourceHost } from "../store/resource-host.ts";
import { CHANGES, RESOURCES } from "../store/tables.ts";
import type { Dispatcher } from "./dispatcher.ts";

const SYSTEM = { user: "system:node-dispatcher", groups: ["system:masters"] };
const PLURAL = nodeKind.plural;

/**
 * The nodes of a pool as resources: what people say of a node (labels, taints, whether it is cordoned) is kept with what
 * its machine says of itself, and the dispatcher places by both.
 */
export class NodeResources {
	readonly host: ResourceHost;
	readonly #dispatcher: Dispatcher;

	constructor(storage: DurableObjectStorage, dispatcher: Dispatcher) {
		this.#dispatcher = dispatcher;
		migrate(storage, [RESOURCES, CHANGES]);
		// Who may ask was decided by the cluster, which has the roles.
		const authorizer = new Authorizer({ version: 0, clusterRoles: {}, clusterRoleBindings: [] });
		this.host = new ResourceHost({
			storage,
			namespace: undefined,
			kinds: [nodeKind],
			strategy: (plural) => (plural === PLURAL ? { present: (node) => this.#present(node) } : undefined),
			prepare: (_kind, body) => body,
			mutate: () => undefined,
			admit: () => undefined,
			authorizer: () => authorizer,
			apply: () => undefined,
			follow: () => [],
			rolledBack: () => undefined,
			committed: (changes) => {
				for (const { type, object } of changes) if (type !== "DELETED") this.#dispatcher.nodeChanged(object as Node);
			},
			system: SYSTEM,
			now: Date.now,
			uid: () => crypto.randomUUID(),
			random: Math.random,
		});
		this.sync();
	}

	/** Brings the resources up to what the dispatcher knows of the machines. */
	sync(): void {
		const changes: StoreChange[] = [];
		const records = this.#dispatcher.records();
		for (const record of records) {
			const old = this.host.store.get<Node>(PLURAL, record.name);
			const node = nodeFromRecord(record, old);
			if (old && said(old) === said(node)) continue;
			if (old && old.metadata.uid !== node.metadata.uid) changes.push({ type: "remove", plural: PLURAL, name: record.name });
			changes.push({ type: "put", plural: PLURAL, object: node });
		}
		for (const { metadata } of this.host.store.all(PLURAL))
			if (!records.some(({ name }) => name === metadata.name)) changes.push({ type: "remove", plural: PLURAL, name: metadata.name });
		if (changes.length > 0) this.host.commit(changes);
	}

	#present(node: BaseResource): Node {
		const record = this.#dispatcher.records().find(({ name }) => name === node.metadata.name);
		return record ? withLeases(node as Node, record) : (node as Node);
	}
}

function said({ metadata, spec, status }: Node): string {
	return canonicalJson([{ ...metadata, resourceVersion: "" }, spec, status]);
}
