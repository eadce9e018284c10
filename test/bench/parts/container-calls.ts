import { prepareContainers, removeContainers } from "../../../src/cli/up/container-engine.ts";
import { Docker } from "../../../src/cli/up/docker.ts";
import { findInstallation } from "../../../src/cli/up/installation.ts";
import { LinkRig } from "../../node-link/rig.ts";
import { distribution, type Figure } from "../figure.ts";
import type { BenchContext } from "../part.ts";

/** A warm call on a container node: from the node's object to the container and back to the session. Nothing without an engine. */
export async function containerCalls({ quick, progress }: BenchContext): Promise<Figure[]> {
	const docker = new Docker(process.env);
	const rig = new LinkRig();
	try {
		const signal = new AbortController().signal;
		const options = { docker, installation: findInstallation(), dataDir: rig.dir, env: process.env, progress, signal };
		const engine = await prepareContainers(options).catch((error: unknown) => {
			progress(`container calls are left out: ${error instanceof Error ? error.message : error}`);
		});
		if (!engine) return [];
		await rig.start(engine);
		await rig.node("startContainer", { name: "node-1", capacity: { cpu: 1, memory: 2 ** 30, slots: 4 }, labels: {} });
		while (!(await rig.node<{ connected: boolean }>("heartbeat")).connected) await new Promise((resolve) => setTimeout(resolve, 50));
		await rig.rpc("CLUSTER", "log", "timeCalls", quick ? 5 : 50);
		const samples = await rig.rpc<number[]>("CLUSTER", "log", "timeCalls", quick ? 10 : 500);
		return [
			distribution(
				{ what: "warm bash true on a container node", unit: "ms", samples, note: "call to result in workerd, whole milliseconds" },
				{ p50: 15 },
			),
		];
	} finally {
		await rig.stop();
		await removeContainers(docker, rig.dir).catch(() => 0);
	}
}
