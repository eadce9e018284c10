import type { Isolation } from "../../ports.ts";
import { longer } from "./longer.ts";
import type { SchedulerNode } from "./types.ts";

/** Label of a node: who may share it; absent: sessions of one namespace at a time. */
const ISOLATION_LABEL = "klaw.sh/isolation";

/** Nobody is on the node. */
export const FREE = 0;
/** Sessions of several namespaces are on the node. */
export const MIXED = -1;

/** 0: anybody may be there too, 1: only the same namespace, 2: nobody. */
export type Strictness = 0 | 1 | 2;
const STRICTNESS: Readonly<Record<Isolation, Strictness>> = { none: 0, namespace: 1, session: 2 };

/** A request that says nothing leaves it to the node. */
export function strictnessOf(isolation: Isolation | undefined): Strictness {
	return isolation === undefined ? 0 : STRICTNESS[isolation];
}

/** A node that says nothing, or something unknown, serves one namespace at a time. */
function strictnessOfNode({ labels }: SchedulerNode): Strictness {
	switch (labels[ISOLATION_LABEL]) {
		case "none":
			return 0;
		case "session":
			return 2;
		default:
			return 1;
	}
}

/** Whose nodes are: the strictest of what a node, its sessions and a newcomer ask for holds. */
export class Sharing {
	/** {@link FREE}, {@link MIXED}, or the number of the only namespace that the node has or had sessions of. */
	owner = new Int32Array(16);
	/** Of the node and its sessions. */
	strictness = new Uint8Array(16);

	readonly #bound: number[] = [];
	readonly #ofNode: Strictness[] = [];
	/** How many sessions of each namespace there are. */
	readonly #namespaces: Map<number, number>[] = [];
	/** How many sessions ask for each strictness. */
	readonly #strict: [number, number, number][] = [];

	/** @param bound the namespace that a container was given to, or {@link FREE} */
	put(number: number, node: SchedulerNode, bound: number): void {
		this.owner = longer(this.owner, number);
		this.strictness = longer(this.strictness, number);
		this.#bound[number] = bound;
		this.#ofNode[number] = strictnessOfNode(node);
		this.#namespaces[number] ??= new Map();
		this.#strict[number] ??= [0, 0, 0];
		this.#refresh(number);
	}

	use(number: number, namespace: number, strict: Strictness, times: 1 | -1): void {
		const namespaces = this.#namespaces[number];
		const stricts = this.#strict[number];
		if (!namespaces || !stricts) return;
		const left = (namespaces.get(namespace) ?? 0) + times;
		if (left === 0) namespaces.delete(namespace);
		else namespaces.set(namespace, left);
		stricts[strict] += times;
		this.#refresh(number);
	}

	#refresh(number: number): void {
		let owner = this.#bound[number] ?? FREE;
		for (const namespace of this.#namespaces[number]?.keys() ?? []) owner = owner === FREE || owner === namespace ? namespace : MIXED;
		this.owner[number] = owner;
		const [, namespaces = 0, sessions = 0] = this.#strict[number] ?? [];
		const ofSessions = sessions > 0 ? 2 : namespaces > 0 ? 1 : 0;
		this.strictness[number] = Math.max(this.#ofNode[number] ?? 0, ofSessions);
	}
}
