import { Dispatcher } from "../../../durable-objects/dispatcher/dispatcher.ts";
import { Ledger } from "../../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../../durable-objects/dispatcher/scheduler/config.ts";
import type { Lease, LeaseRequest } from "../../../durable-objects/ports.ts";
import { memorySql } from "../../fakes/sqlite.ts";
import { randomNumbers } from "./random.ts";

const GI = 2 ** 30;
const NODE = { cpu: 4, memory: 16 * GI, ephemeralStorage: 100e9, slots: 110 };
const AGENTS = 200;
const NAMESPACES = 50;
/** Passes before anything is measured. */
const WARM_UP = 20;

export interface Passes {
	/** Milliseconds of a look through the queue when nothing has changed. */
	idle: number[];
	/** The same when one session has given its node back: with its release, and with the lease of whoever gets the room. */
	busy: number[];
	/** How many of those found somebody to place. */
	granted: number;
}

/**
 * Looks through a long queue before a pool that is full. Sessions of 200 agents in 50 namespaces wait, each as large as its
 * agent says; one of ten agents has a node selector, one of ten tolerates a taint.
 *
 * @param waited milliseconds for which everybody has waited: from a minute on the largest keep nodes for themselves
 * @param alike sessions of an agent ask for the same; otherwise each for something of its own
 */
export function passes(given: { nodes: number; waiting: number; passes: number; waited: number; alike: boolean; seed: number }): Passes {
	const { nodes, waiting, waited, alike, seed } = given;
	const random = randomNumbers(seed);
	const clock = { now: 1_000_000 };
	let ids = 0;
	const dispatcher = new Dispatcher({
		...{ ledger: new Ledger(memorySql()), scheduler: DEFAULT_CONFIG },
		...{ now: () => clock.now, id: () => `lease-${++ids}`, suffix: () => `${++ids}` },
	});
	const sizes = Array.from({ length: AGENTS }, () => sizeOf(random));
	const running: Lease[] = [];
	dispatcher.together(() => {
		for (let index = 0; index < nodes; index++) {
			const name = `node-${String(index).padStart(5, "0")}`;
			const labels = { "kubernetes.io/hostname": name, "klaw.sh/isolation": "none", zone: `zone-${index % 3}` };
			dispatcher.nodes.joined({ name, uid: name, incarnation: 1, capacity: NODE, labels, version: "1", os: "linux", arch: "amd64" });
		}
	});
	let index = 0;
	const next = () => requestOf(index++, alike ? sizes : [sizeOf(random)]);
	for (let reply = dispatcher.acquire(next()); reply.state === "granted"; reply = dispatcher.acquire(next())) running.push(reply.lease);
	dispatcher.together(() => {
		for (let more = 1; more < waiting; more++) dispatcher.ask(next());
	});
	clock.now += waited;
	const result: Passes = { idle: [], busy: [], granted: 0 };
	for (let pass = 0; pass < WARM_UP + given.passes; pass++) {
		const idle = timed(() => dispatcher.dispatch());
		const [lease] = running.splice(Math.floor(random() * running.length), 1);
		if (!lease) break;
		const before = dispatcher.pool.ledger.queueLength();
		const busy = timed(() => dispatcher.release({ session: lease.session, lease: lease.id }));
		if (pass < WARM_UP) continue;
		result.idle.push(idle);
		result.busy.push(busy);
		if (dispatcher.pool.ledger.queueLength() < before) result.granted += 1;
	}
	return result;
}

function timed(work: () => void): number {
	const at = performance.now();
	work();
	return performance.now() - at;
}

function sizeOf(random: () => number): LeaseRequest["requests"] {
	return { cpu: Math.ceil(random() * 20) / 10, memory: Math.ceil(random() * 32) * (GI / 4) };
}

function requestOf(index: number, sizes: readonly LeaseRequest["requests"][]): LeaseRequest {
	const agent = index % AGENTS;
	const namespace = `team-${agent % NAMESPACES}`;
	return {
		session: `${namespace}/session-${index}`,
		namespace,
		requests: sizes[agent % sizes.length] ?? { cpu: 1, memory: GI },
		labels: { "klaw.sh/agent": `agent-${agent}` },
		nodeSelector: agent % 10 === 3 ? { zone: `zone-${agent % 3}` } : {},
		...(agent % 10 === 7 && { tolerations: [{ key: "gpu", operator: "Exists" as const }] }),
	};
}

if (import.meta.main) {
	const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
	console.log(`seed ${seed}`);
	const p50 = (samples: number[]) => Number(samples.toSorted((a, b) => a - b)[samples.length >> 1]?.toFixed(3));
	const rows = [0, 120_000].flatMap((waited) =>
		[true, false].map((alike) => {
			const { idle, busy, granted } = passes({ nodes: 5_000, waiting: 10_000, passes: 200, waited, alike, seed });
			return { waited, alike, idle: p50(idle), busy: p50(busy), granted };
		}),
	);
	console.table(rows);
}
