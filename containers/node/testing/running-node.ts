import { onTestFinished } from "vitest";
import { type NodeHandle, type NodeOptions, startNode } from "../runtime.ts";
import type { Timing } from "../timing.ts";
import { LinkServer, TOKEN } from "./link-server.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Short enough for a test, long enough for a busy machine. */
const TIMING: Partial<Timing> = { resendMs: 50, backoffFirstMs: 20, backoffMaxMs: 100, killGraceMs: 300, outputMs: 20 };

export async function runningServer(): Promise<LinkServer> {
	const server = await new LinkServer().listen();
	onTestFinished(() => server.close());
	return server;
}

export interface RunningNode {
	server: LinkServer;
	node: NodeHandle;
	dataDir: string;
	/** Path in the workspace of the calls. */
	path(name: string): string;
	log: string[];
}

/** A runtime in this process that has joined a server. Both stop when the test is over. */
export async function runningNode(options: Partial<NodeOptions> & { server?: LinkServer } = {}): Promise<RunningNode> {
	const dataDir = options.dataDir ?? temporaryDirectory();
	const server = options.server ?? (await runningServer());
	const log: string[] = [];
	const joined = server.hellos.length + 1;
	const node = await startNode({
		...{ url: server.url, token: TOKEN, name: "node-1", dataDir, log: (line: string) => log.push(line) },
		...options,
		timing: { ...TIMING, ...options.timing },
	});
	onTestFinished(() => node.stop().catch(() => undefined));
	await server.joined(joined);
	return { server, node, dataDir, log, path: (name) => `${dataDir}/workspaces/s/${name}` };
}

/** Waits for a condition outside of the server, such as one on the disk. */
export async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
