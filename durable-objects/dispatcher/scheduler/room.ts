import type { ResourceRequest } from "../../ports.ts";
import { CPU_UNIT } from "./amount.ts";
import type { Kept } from "./filter.ts";
import type { NodeTable } from "./node-table.ts";
import { peerRefusals } from "./peer-filter.ts";
import type { PoolState } from "./pool-state.ts";
import type { Query } from "./query.ts";

/**
 * Closes every node that the request could use, were it empty, to others of its priority or a lower one. Where sessions
 * elsewhere stand against it now, waiting for room helps nobody: whoever must be near a session that never comes would close
 * the pool for ever.
 */
export function keepFor(query: Query, state: PoolState, kept: Kept): void {
	const { request, amount, rules, priority, bound } = query;
	const { table, changes } = state;
	rules.sync(table, changes);
	const peers = peerRefusals(query, state);
	const only = bound === undefined ? -1 : (table.numberOf(bound) ?? -1);
	for (let number = 0; number < kept.length; number++) {
		if (rules.refused[number] !== 0 || (peers && peers[number] !== 0) || (only !== -1 && only !== number)) continue;
		if (amount.cpu > (table.cpuFree[number] as number) + (table.cpuUsed[number] as number)) continue;
		if (amount.memory > (table.memoryFree[number] as number) + (table.memoryUsed[number] as number)) continue;
		if (amount.storage > (table.storageFree[number] as number) + (table.storageUsed[number] as number)) continue;
		const { boundNamespace = request.namespace } = table.nodes[number] ?? {};
		if (boundNamespace === request.namespace) kept[number] = Math.max(kept[number] as number, priority);
	}
}

/**
 * The most of each resource that is left on any of these nodes, be it ready or not.
 *
 * @param open leaves out nodes that are kept for others from those of this priority
 */
export function largestRoom(
	table: NodeTable,
	numbers: readonly number[],
	open?: { kept: Kept; priority: number },
): ResourceRequest & { slots: number } {
	const room = { cpu: 0, memory: 0, ephemeralStorage: 0, slots: 0 };
	for (const number of numbers) {
		if (open && (open.kept[number] as number) >= open.priority) continue;
		room.cpu = Math.max(room.cpu, (table.cpuFree[number] as number) / CPU_UNIT);
		room.memory = Math.max(room.memory, table.memoryFree[number] as number);
		room.ephemeralStorage = Math.max(room.ephemeralStorage, table.storageFree[number] as number);
		room.slots = Math.max(room.slots, table.slotsFree[number] as number);
	}
	// A millionth of a core is the unit, and what is asked for is rounded to it.
	return { ...room, cpu: room.cpu + 1 / CPU_UNIT };
}
