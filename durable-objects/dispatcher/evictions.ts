import type { NodeTaint } from "../../containers/node/protocol.ts";
import type { Toleration } from "../../src/resources/agent/affinity.ts";
import type { StoredLease, StoredNode } from "./ledger.ts";
import type { Pool } from "./pool.ts";
import { isTolerated } from "./scheduler/taints.ts";

/** Which taint of a node it is, to keep when it was added. */
export function taintId({ key, value = "" }: NodeTaint): string {
	return `${key}=${value}`;
}

/** When each taint NoExecute was added: those that were there keep their time. `undefined` without such taints. */
export function taintedAt(taints: readonly NodeTaint[], known: StoredNode["taintedAt"], now: number): StoredNode["taintedAt"] {
	const ids = taints.filter(({ effect }) => effect === "NoExecute").map(taintId);
	return ids.length === 0 ? undefined : Object.fromEntries(ids.map((id) => [id, known?.[id] ?? now]));
}

/** Sessions that do not bear a taint NoExecute of their node leave it, as Kubernetes' taint eviction controller has it. */
export class Evictions {
	readonly #pool: Pool;

	constructor(pool: Pool) {
		this.#pool = pool;
	}

	/** Wants the leases back that have been borne with for long enough; each goes at the next boundary of a tool call. */
	run(now: number): void {
		for (const { lease, at, taint } of this.#due()) {
			if (at > now) continue;
			const reason = `node ${lease.node} has the taint ${taint.key}:NoExecute`;
			this.#pool.putLease({ ...lease, recall: { by: "system:dispatcher", reason, cause: "Evicted", at: now, told: false } });
		}
	}

	/** When the next session has to leave, milliseconds since the epoch. */
	dueAt(): number | undefined {
		const times = this.#due().map(({ at }) => at);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	#due(): { lease: StoredLease; at: number; taint: NodeTaint }[] {
		return this.#pool.evicting().flatMap((node) =>
			this.#pool
				.leasesOn(node.name)
				.filter(({ recall }) => !recall)
				.flatMap((lease) => evictionOf(node, lease) ?? []),
		);
	}
}

/** The taint by which a session has to leave first, and when. */
function evictionOf(node: StoredNode, lease: StoredLease): { lease: StoredLease; at: number; taint: NodeTaint } | undefined {
	const { request, grantedAt = 0 } = lease;
	let first: { lease: StoredLease; at: number; taint: NodeTaint } | undefined;
	for (const taint of node.taints ?? []) {
		if (taint.effect !== "NoExecute") continue;
		const since = Math.max(node.taintedAt?.[taintId(taint)] ?? 0, grantedAt);
		const at = since + borneMs(taint, request.tolerations ?? []);
		if (Number.isFinite(at) && (!first || at < first.at)) first = { lease, at, taint };
	}
	return first;
}

/** The shortest time of those tolerations that have one; none: for good. */
function borneMs(taint: NodeTaint, tolerations: readonly Toleration[]): number {
	const matching = tolerations.filter((toleration) => isTolerated(taint, [toleration]));
	if (matching.length === 0) return 0;
	return Math.min(...matching.map(({ tolerationSeconds = Number.POSITIVE_INFINITY }) => Math.max(0, tolerationSeconds) * 1_000));
}
