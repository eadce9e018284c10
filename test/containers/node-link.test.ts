import { prepareContainers, removeContainers } from "../../src/cli/up/container-engine.ts";
import { Docker } from "../../src/cli/up/docker.ts";
import { findInstallation } from "../../src/cli/up/installation.ts";
import { nodeLinkContract } from "../node-link/contract.ts";
import { LinkRig } from "../node-link/rig.ts";

nodeLinkContract("a container", async () => {
	const rig = new LinkRig();
	const docker = new Docker(process.env);
	const options = { docker, installation: findInstallation(), dataDir: rig.dir, env: process.env };
	await rig.start(await prepareContainers({ ...options, progress: () => undefined, signal: new AbortController().signal }));
	await rig.node("startContainer", { name: "node-1", capacity: { cpu: 1, memory: 2 ** 30, slots: 4 }, labels: {} });
	return {
		...rig.world(),
		cut: () => rig.rpc("CONTAINER", "default/node-1", "cut"),
		end: async () => {
			await rig.stop();
			await removeContainers(docker, rig.dir);
		},
	};
});
