import type { ResourceRequest } from "../../ports.ts";

/** The smallest requests of each kind, to know of any other whether it asks for at least as much as one of them. */
export class Frontier {
	readonly #smallest = new Map<string, ResourceRequest[]>();

	/** One of its kind asks for no more of anything. */
	reaches(kind: string, asked: ResourceRequest): boolean {
		return this.#smallest.get(kind)?.some((small) => isWithin(small, asked)) ?? false;
	}

	add(kind: string, asked: ResourceRequest): void {
		const others = this.#smallest.get(kind)?.filter((other) => !isWithin(asked, other)) ?? [];
		this.#smallest.set(kind, [...others, asked]);
	}

	clear(): void {
		this.#smallest.clear();
	}
}

function isWithin(small: ResourceRequest, large: ResourceRequest): boolean {
	return small.cpu <= large.cpu && small.memory <= large.memory && (small.ephemeralStorage ?? 0) <= (large.ephemeralStorage ?? 0);
}
