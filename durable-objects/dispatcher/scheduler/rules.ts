import type { LeaseRequest } from "../../ports.ts";
import { longer } from "./longer.ts";
import { matchesNode, nodePreference } from "./node-affinity.ts";
import type { NodeChanges } from "./node-changes.ts";
import type { NodeTable } from "./node-table.ts";
import { NODE_AFFINITY, NOT_READY, type Refusal, UNSCHEDULABLE, untolerated } from "./reasons.ts";
import { softTaints, toleratesUnschedulable, untoleratedTaint } from "./taints.ts";
import type { SchedulerNode } from "./types.ts";

type Asked = Pick<LeaseRequest, "nodeSelector" | "affinity" | "tolerations">;

export function rulesKey({ nodeSelector, affinity, tolerations = [] }: Asked): string {
	return JSON.stringify([nodeSelector, affinity?.nodeAffinity, tolerations]);
}

/** Refusals under small numbers; 0 is none. */
export class RefusalCodes {
	readonly #codes = new Map<string, number>();
	readonly #refusals: (Refusal | undefined)[] = [undefined];

	codeOf(refusal: Refusal | undefined): number {
		if (!refusal) return 0;
		const key = refusal.reasons.join();
		const known = this.#codes.get(key);
		if (known !== undefined) return known;
		this.#codes.set(key, this.#refusals.length);
		return this.#refusals.push(refusal) - 1;
	}

	refusalOf(code: number): Refusal | undefined {
		return this.#refusals[code];
	}
}

/**
 * What follows from the nodes alone, whatever is on them: shared by all requests with the same selector, node affinity and
 * tolerations, and brought up to date only for the nodes that have changed.
 */
export class Rules {
	/** Tells requests that are alike. */
	readonly id: number;
	/** Code of the first filter that refuses the node; 0: none does. */
	refused = new Uint16Array(16);
	/** The node satisfies selector and required node affinity; other filters may refuse it. */
	matches = new Uint8Array(16);
	/** Sum of the weights of preferred node affinity. */
	preferred = new Float64Array(16);
	/** How many taints would rather keep the session off. */
	softTaints = new Float64Array(16);
	readonly hasPreferred: boolean;

	readonly #asked: Asked;
	readonly #codes: RefusalCodes;
	#seen = -1;

	constructor(id: number, asked: Asked, codes: RefusalCodes) {
		this.id = id;
		this.#asked = asked;
		this.#codes = codes;
		this.hasPreferred = (asked.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0) > 0;
	}

	/** Frees the memory; {@link sync} fills it anew. */
	drop(): void {
		this.#seen = -1;
		this.refused = new Uint16Array(0);
		this.matches = new Uint8Array(0);
		this.preferred = new Float64Array(0);
		this.softTaints = new Float64Array(0);
	}

	sync(table: NodeTable, changes: NodeChanges): void {
		if (this.#seen === changes.last) return;
		const changed = changes.since(this.#seen);
		this.#seen = changes.last;
		if (this.refused.length < table.size) this.#makeRoom(table.size - 1);
		if (changed) for (const number of changed) this.#look(number, table.nodes[number]);
		else for (let number = 0; number < table.size; number++) this.#look(number, table.nodes[number]);
	}

	#look(number: number, node: SchedulerNode | undefined): void {
		const { affinity, tolerations = [] } = this.#asked;
		const matches = node !== undefined && matchesNode(node, this.#asked.nodeSelector, affinity?.nodeAffinity);
		this.matches[number] = matches ? 1 : 0;
		// A number without a node is refused for good; nobody counts it.
		this.refused[number] = this.#codes.codeOf(node ? this.#refusal(node, matches) : NOT_READY);
		this.softTaints[number] = node ? softTaints(node.taints, tolerations) : 0;
		this.preferred[number] = node && this.hasPreferred ? nodePreference(node, affinity?.nodeAffinity) : 0;
	}

	#refusal(node: SchedulerNode, matches: boolean): Refusal | undefined {
		const { tolerations = [] } = this.#asked;
		if (!node.ready) return NOT_READY;
		if (node.unschedulable && !toleratesUnschedulable(tolerations)) return UNSCHEDULABLE;
		const taint = untoleratedTaint(node.taints, tolerations);
		if (taint) return untolerated(taint.key, taint.value);
		return matches ? undefined : NODE_AFFINITY;
	}

	#makeRoom(number: number): void {
		this.refused = longer(this.refused, number);
		this.matches = longer(this.matches, number);
		this.preferred = longer(this.preferred, number);
		this.softTaints = longer(this.softTaints, number);
	}
}
