import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findInstallation } from "../../../src/cli/up/installation.ts";
import { COMPATIBILITY_DATE, DURABLE_OBJECTS } from "../../../src/cli/up/workerd-config.ts";
import { distribution, type Figure, percentile, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { runWorkerd } from "../run-workerd.ts";

const NODES = 100;
const HOLD_MS = 200;
/** The requirement: so many leases a second, with so long an acquire. */
const PER_SECOND = 500;
const P95_MS = 20;
/** How many acquires are tried a second after the required ones, one after the other, until one of them is too many. */
const STEPS = [550, 750, 1_000, 1_250, 1_500, 2_000, 2_500];

interface Answer {
	latencies: number[];
	granted: number;
	queued: number;
	tookMs: number;
}

/** The real Dispatcher object under the load of many sessions that take a node and give it back. */
export async function leases({ quick, progress }: BenchContext): Promise<Figure[]> {
	const dir = mkdtempSync(join(tmpdir(), "klaw-bench-leases-"));
	try {
		const server = await runWorkerd(dir, (address) => config(dir, address));
		try {
			const required = await load(server.url, PER_SECOND, quick ? 1 : 20, progress);
			const what = `acquire through the Dispatcher object, ${PER_SECOND} asked for a second, ${NODES} nodes`;
			const note = `${granted(required).toFixed(1)} leases granted a second; open loop: so many are asked for, whether or not earlier ones were answered; every lease held for ${HOLD_MS} ms and released, each with its decision kept`;
			return [
				distribution({ what, unit: "ms", samples: required.latencies, note }, { p95: P95_MS }),
				await most(required, server.url, quick, progress),
			];
		} finally {
			await server.stop();
		}
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** Under how much load it still answers in time; load and object share one thread here. */
async function most(required: Answer, url: string, quick: boolean, progress: BenchContext["progress"]): Promise<Figure> {
	let reached = { value: 0, n: 0 };
	const tried: string[] = [];
	for (const perSecond of [PER_SECOND, ...(quick ? STEPS.slice(0, 1) : STEPS)]) {
		const answer = perSecond === PER_SECOND ? required : await load(url, perSecond, quick ? 1 : 8, progress);
		const p95 = percentile(answer.latencies, 95);
		tried.push(`${perSecond} asked for: ${granted(answer).toFixed(1)} granted, p95 ${p95} ms`);
		if (p95 > P95_MS || answer.queued > 0) break;
		// Where the load itself falls behind, a higher step grants no more.
		if (granted(answer) > reached.value) reached = { value: granted(answer), n: answer.granted };
	}
	const what = `most leases through the Dispatcher object with acquire p95 ≤ ${P95_MS} ms`;
	return single({ what, unit: "/s", ...reached, note: `a second, ${tried.join("; ")}` }, { atLeast: PER_SECOND });
}

/** Leases a second. */
function granted(answer: Answer): number {
	return (answer.granted * 1000) / answer.tookMs;
}

async function load(url: string, perSecond: number, seconds: number, progress: BenchContext["progress"]): Promise<Answer> {
	progress(`${perSecond} acquires a second on ${NODES} nodes`);
	const body = JSON.stringify({ nodes: NODES, perSecond, seconds, holdMs: HOLD_MS });
	const response = await fetch(url, { method: "POST", body });
	if (!response.ok) throw new Error(`The load was answered ${response.status}: ${await response.text()}`);
	const answer = (await response.json()) as Answer;
	if (perSecond === PER_SECOND && answer.queued > 0)
		throw new Error(`${answer.queued} of ${answer.latencies.length} acquires were queued: the nodes are too few for the load.`);
	return answer;
}

function config(dir: string, address: string): string {
	const { worker } = findInstallation();
	const state = join(dir, "state");
	mkdirSync(state);
	const files = readdirSync(worker, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js") && name !== "worker.js");
	const modules = ["worker.js", ...files].map((name) => `(name = "${name}", esModule = embed "${join(worker, name)}")`);
	const classes = Object.values(DURABLE_OBJECTS);
	const load = join(import.meta.dirname, "..", "lease-load-worker.js");
	return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
	services = [(name = "klaw", worker = .klaw), (name = "load", worker = .load), (name = "state", disk = (path = "${state}", writable = true))],
	sockets = [(name = "http", address = "${address}", http = (), service = "load")],
);
const klaw :Workerd.Worker = (
	modules = [${modules.join(", ")}],
	compatibilityDate = "${COMPATIBILITY_DATE}",
	durableObjectNamespaces = [${classes.map((name) => `(className = "${name}", uniqueKey = "klaw-${name}", enableSql = true)`).join(", ")}],
	durableObjectStorage = (localDisk = "state"),
	bindings = [${Object.entries(DURABLE_OBJECTS)
		.map(([binding, name]) => `(name = "${binding}", durableObjectNamespace = "${name}")`)
		.join(", ")}],
);
const load :Workerd.Worker = (
	modules = [(name = "load.js", esModule = embed "${load}")],
	compatibilityDate = "${COMPATIBILITY_DATE}",
	bindings = [(name = "DISPATCHER", durableObjectNamespace = (className = "DispatcherObject", serviceName = "klaw"))],
);
`;
}
