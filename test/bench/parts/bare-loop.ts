import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { distribution, type Figure, intervals } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { runWorkerd } from "../run-workerd.ts";
import { planMessage } from "../servers/plan.ts";
import { Servers } from "../servers/servers.ts";

const STEPS = 50;
const WORKER = fileURLToPath(new URL("../bare-loop-worker.js", import.meta.url));

/** For scale: the requests of a step and two inserts, with nothing around them, in a Durable Object of the same workerd. */
export async function bareLoop({ quick, progress }: BenchContext): Promise<Figure[]> {
	const runs = quick ? 2 : 30;
	const dir = await mkdtemp(join(tmpdir(), "klaw-bare-"));
	const servers = await Servers.start();
	await mkdir(join(dir, "state"));
	const workerd = await runWorkerd(dir, (address) => workerdConfig(address, join(dir, "state")));
	try {
		const { url } = workerd;
		const times: number[] = [];
		for (let n = -4; n <= runs; n++) {
			const name = `bare-${n}`;
			await servers.add(name, { steps: STEPS, calls: [] });
			const body = { model: `${servers.model}/chat/completions`, page: servers.page(), message: planMessage(name), steps: STEPS + 1 };
			const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
			if (!response.ok) throw new Error(`The bare loop failed: ${await response.text()}`);
			await response.text();
			if (n >= 1) times.push(...intervals(await servers.arrivals(name)));
		}
		progress(`${runs} bare loops of ${STEPS} steps`);
		const note = "two HTTP requests and two inserts, each request after the insert before it is on disk";
		return [distribution({ what: "bare loop, for scale", unit: "ms", samples: times, note })];
	} finally {
		await workerd.stop();
		await servers.stop();
		await rm(dir, { recursive: true, force: true });
	}
}

function workerdConfig(address: string, state: string): string {
	return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
	services = [
		(name = "bare", worker = .bare),
		(name = "state", disk = (path = ${JSON.stringify(state)}, writable = true)),
		(name = "internet", network = (allow = ["public", "private", "local"])),
	],
	sockets = [(name = "http", address = "${address}", http = (), service = "bare")],
);
const bare :Workerd.Worker = (
	modules = [(name = "worker.js", esModule = embed ${JSON.stringify(WORKER)})],
	compatibilityDate = "2026-10-20",
	durableObjectNamespaces = [(className = "Loop", uniqueKey = "loop", enableSql = true)],
	durableObjectStorage = (localDisk = "state"),
	bindings = [(name = "LOOP", durableObjectNamespace = "Loop")],
);
`;
}
