import type { LeaseRequest } from "../../ports.ts";

/** A thousandth of a node and less. */
const SMALLEST = -10;

/**
 * How large a request is for a node of this size: 0 for more than half of some resource, -1 for more than a quarter, and so
 * on. Of those that came in the same moment the larger class goes first, as in first fit decreasing (at most 11/9 of the
 * fewest nodes of one resource, against 1.7 in any order: Johnson, 1973). Classes, since a mixture within a class fills two
 * resources better than an order does.
 *
 * @param node cores and bytes
 */
export function sizeClass({ requests }: Pick<LeaseRequest, "requests">, node: { cpu: number; memory: number }): number {
	const cpu = node.cpu > 0 ? requests.cpu / node.cpu : 0;
	const memory = node.memory > 0 ? requests.memory / node.memory : 0;
	const share = Math.max(cpu, memory);
	return share > 0 ? Math.max(Math.ceil(Math.log2(share)), SMALLEST) : SMALLEST;
}
