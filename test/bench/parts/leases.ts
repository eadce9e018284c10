import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findInstallation } from "../../../src/cli/up/installation.ts";
import { COMPATIBILITY_DATE, DURABLE_OBJECTS } from "../../../src/cli/up/workerd-config.ts";
import { distribution, type Figure, percentile, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { runWorkerd } from "../run-workerd.ts";

const NODES = 100;
const PER_SECOND = 500;
const HOLD_MS = 200;
const P95_MS = 20;
/** How many acquires are tried a second, one after the other, until one of them is too many. */
const STEPS = [750, 1_000, 1_250, 1_500, 2_000, 2_500];

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
			const { latencies, granted, tookMs } = await load(server.url, PER_SECOND, quick ? 1 : 20, progress);
			const note = `open loop: so many are asked for, whether or not earlier ones were answered; every lease held for ${HOLD_MS} ms and released, each with its decision kept`;
			return [
				single(
					{ what: "leases through the Dispatcher object", unit: "/s", value: (granted * 1000) / tookMs, n: granted, note },
					{ atLeast: 0.99 * PER_SECOND },
				),
				distribution({ what: `acquire under that load, ${NODES} nodes`, unit: "ms", samples: latencies }, { p95: P95_MS }),
				await most(server.url, quick, progress),
			];
		} finally {
			await server.stop();
		}
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** Under how much load it still answers in time; load and object share one thread here. */
async function most(url: string, quick: boolean, progress: BenchContext["progress"]): Promise<Figure> {
	let reached = { perSecond: 0, n: 0 };
	const tried: string[] = [];
	for (const perSecond of quick ? STEPS.slice(0, 1) : STEPS) {
		const { latencies, granted, queued, tookMs } = await load(url, perSecond, quick ? 1 : 8, progress);
		const p95 = percentile(latencies, 95);
		tried.push(`${perSecond}/s p95 ${p95} ms`);
		if (p95 > P95_MS || queued > 0 || granted * 1000 < 0.98 * perSecond * tookMs) break;
		reached = { perSecond: (granted * 1000) / tookMs, n: granted };
	}
	const what = `most leases through the Dispatcher object with acquire p95 ≤ ${P95_MS} ms`;
	return single({ what, unit: "/s", value: reached.perSecond, n: reached.n, note: `tried: ${tried.join(", ")}` });
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
