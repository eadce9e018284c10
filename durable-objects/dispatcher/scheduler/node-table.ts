import { type Amount, CPU_UNIT } from "./amount.ts";
import { longer } from "./longer.ts";
import { RoomGrid } from "./room-grid.ts";
import type { SchedulerNode } from "./types.ts";

const NO_CAPACITY: SchedulerNode["capacity"] = { cpu: 0, memory: 0, ephemeralStorage: 0, slots: 0 };

/**
 * Every node under a small number, its figures in one array each, so that a decision over thousands of nodes is a loop over
 * numbers. A number is given again when its node is gone.
 */
export class NodeTable {
	readonly nodes: (SchedulerNode | undefined)[] = [];
	readonly rooms = new RoomGrid();
	/** Numbers below this one may be in use. */
	size = 0;

	/** What is left of each resource; below 0 when a machine came back with less than it had. */
	cpuFree = new Float64Array(16);
	memoryFree = new Float64Array(16);
	storageFree = new Float64Array(16);
	slotsFree = new Int32Array(16);
	cpuUsed = new Float64Array(16);
	memoryUsed = new Float64Array(16);
	storageUsed = new Float64Array(16);
	slotsUsed = new Int32Array(16);
	/** Place of the node among all names: the smaller one wins a tie. */
	rank = new Int32Array(16);

	readonly #numbers = new Map<string, number>();
	readonly #unused: number[] = [];
	readonly #inOrder: number[] = [];

	/** Nodes that are there. */
	get count(): number {
		return this.#inOrder.length;
	}

	/** Numbers in the order of the nodes' names. */
	get inOrder(): readonly number[] {
		return this.#inOrder;
	}

	numberOf(name: string): number | undefined {
		return this.#numbers.get(name);
	}

	/** The number of a new or a changed node. */
	put(node: SchedulerNode): number {
		const number = this.#numbers.get(node.name) ?? this.#enter(node);
		this.nodes[number] = node;
		this.#subtract(number);
		return number;
	}

	/** @param number of a node that nothing is counted on any more */
	remove(number: number): void {
		const node = this.nodes[number];
		if (!node) return;
		this.#numbers.delete(node.name);
		this.nodes[number] = undefined;
		this.#subtract(number);
		const at = this.rank[number] as number;
		this.#inOrder.splice(at, 1);
		this.#renumber(at);
		this.#unused.push(number);
	}

	/** @param times 1: it comes, -1: it goes */
	use(number: number, { cpu, memory, storage }: Amount, times: 1 | -1): void {
		this.cpuUsed[number] = (this.cpuUsed[number] as number) + times * cpu;
		this.memoryUsed[number] = (this.memoryUsed[number] as number) + times * memory;
		this.storageUsed[number] = (this.storageUsed[number] as number) + times * storage;
		this.slotsUsed[number] = (this.slotsUsed[number] as number) + times;
		this.#subtract(number);
	}

	/** What is left is always worked out from the whole: nothing is counted down. */
	#subtract(number: number): void {
		const { cpu, memory, ephemeralStorage = Number.POSITIVE_INFINITY, slots } = this.nodes[number]?.capacity ?? NO_CAPACITY;
		this.cpuFree[number] = Math.round(cpu * CPU_UNIT) - (this.cpuUsed[number] as number);
		this.memoryFree[number] = memory - (this.memoryUsed[number] as number);
		this.storageFree[number] = ephemeralStorage - (this.storageUsed[number] as number);
		this.slotsFree[number] = slots - (this.slotsUsed[number] as number);
		this.rooms.put(number, this.cpuFree[number], this.memoryFree[number], this.slotsFree[number]);
	}

	#enter(node: SchedulerNode): number {
		const number = this.#unused.pop() ?? this.size++;
		this.#makeRoom(number);
		this.#numbers.set(node.name, number);
		for (const used of [this.cpuUsed, this.memoryUsed, this.storageUsed, this.slotsUsed]) used[number] = 0;
		const at = this.#placeOf(node.name);
		this.#inOrder.splice(at, 0, number);
		this.#renumber(at);
		return number;
	}

	#placeOf(name: string): number {
		let low = 0;
		let high = this.#inOrder.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const there = this.nodes[this.#inOrder[middle] as number]?.name ?? "";
			if (there < name) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	#renumber(from: number): void {
		for (let at = from; at < this.#inOrder.length; at++) this.rank[this.#inOrder[at] as number] = at;
	}

	#makeRoom(number: number): void {
		this.cpuFree = longer(this.cpuFree, number);
		this.memoryFree = longer(this.memoryFree, number);
		this.storageFree = longer(this.storageFree, number);
		this.slotsFree = longer(this.slotsFree, number);
		this.cpuUsed = longer(this.cpuUsed, number);
		this.memoryUsed = longer(this.memoryUsed, number);
		this.storageUsed = longer(this.storageUsed, number);
		this.slotsUsed = longer(this.slotsUsed, number);
		this.rank = longer(this.rank, number);
	}
}
