import type { LeaseRequest } from "../../../durable-objects/ports.ts";
import { randomNumbers } from "./random.ts";

/** An agent needs a machine from here for so long. */
export interface Need {
	agent: string;
	/** Milliseconds since midnight. */
	at: number;
	/** Milliseconds. */
	lasts: number;
	request: LeaseRequest;
}

/** Agents belong to so many teams, and a node serves one at a time. */
export const NAMESPACES = 20;
/** Tasks of an agent in a day, three of ten of which never touch a machine. */
const TASKS = 8;
const NEEDS_NODE = 0.7;
const GI = 2 ** 30;

/** What is assumed, for the reader of the figures. */
export const ASSUMPTIONS =
	"8 tasks per agent and day (Poisson; by day 3 times as many an hour as by night), 7 of 10 need a node, for 10 minutes in the median (log-normal, sigma 1) and then 2 more until the lease is given back; 4 of 5 agents ask for cpu 100m and 256Mi, 1 for 250m and 1Gi; 20 namespaces; containers of 1 core and 6 GiB that start in 6 s and sleep after 10 min";

/** The same day for the same seed. */
export function needsOfDay(agents: number, seed: number): Need[] {
	const random = randomNumbers(seed);
	const needs: Need[] = [];
	for (let index = 0; index < agents; index++) {
		const namespace = `team-${index % NAMESPACES}`;
		const large = random() < 0.2;
		const requests = large ? { cpu: 0.25, memory: GI } : { cpu: 0.1, memory: GI / 4 };
		for (let task = 0, count = poisson(random, TASKS * NEEDS_NODE); task < count; task++) {
			const session = `${namespace}/agent-${index}-${task}`;
			const lasts = 600_000 * Math.exp(normal(random)) + 120_000;
			needs.push({ agent: `${index}`, at: hourOf(random) * 3_600_000, lasts, request: { session, namespace, requests, nodeSelector: {} } });
		}
	}
	return needs;
}

/** Nine to seventeen o'clock has three times as many an hour as the rest. */
function hourOf(random: () => number): number {
	const worked = random() * (8 * 3 + 16);
	if (worked < 24) return 9 + worked / 3;
	return (17 + (worked - 24)) % 24;
}

function poisson(random: () => number, mean: number): number {
	let [count, product] = [0, random()];
	for (const limit = Math.exp(-mean); product > limit; count++) product *= random();
	return count;
}

/** Box and Muller. */
function normal(random: () => number): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
