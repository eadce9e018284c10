import { formatQuantity } from "../../../src/resources/quantity.ts";
import type { LeaseRequest } from "../../ports.ts";
import type { SchedulerNode } from "./types.ts";

type Capacity = SchedulerNode["capacity"];

/** The resources in the order in which they are named. */
const RESOURCES: readonly {
	name: string;
	asked(request: LeaseRequest): number;
	offered(capacity: Capacity): number;
	units: "decimal" | "binary";
}[] = [
	{ name: "cpu", asked: ({ requests }) => requests.cpu, offered: ({ cpu }) => cpu, units: "decimal" },
	{ name: "memory", asked: ({ requests }) => requests.memory, offered: ({ memory }) => memory, units: "binary" },
	{
		name: "ephemeral-storage",
		asked: ({ requests }) => requests.ephemeralStorage ?? 0,
		offered: ({ ephemeralStorage = Number.POSITIVE_INFINITY }) => ephemeralStorage,
		units: "binary",
	},
];

/** A millionth of a core is nothing to refuse anybody for. */
const SLACK = 1e-6;

/**
 * Why no node will ever do, however empty it is: with the numbers. `undefined` when some node is large enough, and when there
 * is none to compare with.
 *
 * @example tooLarge(request, capacities) // "cpu 64 was requested; the largest node has 8. …"
 */
export function tooLarge(request: LeaseRequest, capacities: readonly Capacity[]): string | undefined {
	const isLargeEnough = (capacity: Capacity) => RESOURCES.every(({ asked, offered }) => asked(request) <= offered(capacity) + SLACK);
	if (capacities.length === 0 || capacities.some(isLargeEnough)) return undefined;
	const short = RESOURCES.flatMap(({ name, asked, offered, units }) => {
		const largest = Math.max(...capacities.map(offered));
		const [wanted, there] = [formatQuantity(asked(request), units), formatQuantity(largest, units)];
		return asked(request) <= largest + SLACK ? [] : [`${name} ${wanted} was requested; the largest node has ${there}`];
	});
	const advice = "Ask for less in spec.resources.requests, or join a larger node.";
	if (short.length > 0) return `${short.join(", and ")}. ${advice}`;
	const all = RESOURCES.filter(({ asked }) => asked(request) > 0).map(
		({ name, asked, units }) => `${name} ${formatQuantity(asked(request), units)}`,
	);
	return `${all.join(" and ")} were requested; no node has that much of each. ${advice}`;
}
