import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { saveCredential } from "../../containers/node/credential-file.ts";
import { loadIdentity } from "../../containers/node/identity.ts";
import { startNode } from "../../containers/node/runtime.ts";
import { serverUrls } from "../../containers/node/server-url.ts";
import { CuttableProxy } from "../clients/cuttable-proxy.ts";
import { nodeLinkContract } from "../node-link/contract.ts";
import { LinkRig } from "../node-link/rig.ts";
import { until } from "./klaw-process.ts";

nodeLinkContract("a machine that joined", async () => {
	const rig = new LinkRig();
	await rig.start();
	const proxy = await CuttableProxy.start(rig.port);
	const url = `http://127.0.0.1:${proxy.port}`;
	const dataDir = join(rig.dir, "node");
	mkdirSync(dataDir);
	const { uid } = loadIdentity(dataDir);
	const joined = await rig.node<{ ok: true; value: { credential: string } }>("join", { uid });
	saveCredential(dataDir, { server: serverUrls(url, "node-1").server, node: "node-1" }, joined.value.credential);
	const timing = { backoffFirstMs: 50, backoffMaxMs: 200, resendMs: 200, outputMs: 20 };
	const node = await startNode({ url, name: "node-1", dataDir, timing });
	return {
		...rig.world(),
		cut: async () => {
			await proxy.cut();
			// Else a machine that is back at once may have been away for nobody.
			await until(async () => !(await rig.node<{ connected: boolean }>("heartbeat")).connected, 20_000);
			await proxy.open();
		},
		end: async () => {
			await node.stop();
			await proxy.cut();
			await rig.stop();
		},
	};
});
