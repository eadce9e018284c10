import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findInstallation } from "../../../src/cli/up/installation.ts";
import { COMPATIBILITY_DATE, DURABLE_OBJECTS } from "../../../src/cli/up/workerd-config.ts";
import { distribution, type Figure, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { runWorkerd } from "../run-workerd.ts";

const NODES = 100;
const PER_SECOND = 500;
const HOLD_MS = 200;

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
			progress(`${PER_SECOND} acquires a second on ${NODES} nodes`);
			const seconds = quick ? 1 : 20;
			const load = { nodes: NODES, perSecond: PER_SECOND, seconds, holdMs: HOLD_MS };
			const response = await fetch(server.url, { method: "POST", body: JSON.stringify(load) });
			if (!response.ok) throw new Error(`The load was answered ${response.status}: ${await response.text()}`);
			const { latencies, granted, queued, tookMs } = (await response.json()) as Answer;
			if (queued > 0) throw new Error(`${queued} of ${latencies.length} acquires were queued: the nodes are too few for the load.`);
			const note = `open loop, every lease held for ${HOLD_MS} ms and released, each with its decision kept`;
			return [
				single(
					{ what: "leases through the Dispatcher object", unit: "/s", value: (granted * 1000) / tookMs, n: granted, note },
					{ atLeast: 0.99 * PER_SECOND },
				),
				distribution({ what: `acquire under that load, ${NODES} nodes`, unit: "ms", samples: latencies }, { p95: 20 }),
			];
		} finally {
			await server.stop();
		}
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
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
