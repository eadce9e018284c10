import { describe, expect, it } from "vitest";
import { Link } from "./link.ts";
import { Membership } from "./membership.ts";
import { startNode } from "./runtime.ts";
import { serverUrls } from "./server-url.ts";
import { TOKEN } from "./testing/link-server.ts";
import { runningNode, runningServer, until } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { TIMING } from "./timing.ts";

function unused(): never {
	throw new Error("There was no connection.");
}

describe("the link of a node", () => {
	it("waits for a server that is not there yet", async () => {
		const server = await runningServer();
		await server.close();
		const log: string[] = [];
		const node = await startNode({
			...{ url: server.url, token: TOKEN, name: "n", dataDir: temporaryDirectory(), log: (line: string) => log.push(line) },
			timing: { backoffFirstMs: 5, backoffMaxMs: 20 },
		});
		await until(() => log.filter((line) => line.includes("Dialling again")).length >= 3);
		expect(log).toContainEqual(
			expect.stringMatching(/^The server at http:.* could not be reached: .*ECONNREFUSED.* Dialling again in 0\.0 s\.$/),
		);
		await server.listen();
		await server.joined();
		await node.stop();
		await expect(node.done).resolves.toBeUndefined();
	});

	it("waits at random, and no longer than five minutes, however often the server was not there", async () => {
		const server = await runningServer();
		await server.close();
		for (const [random, wait] of [
			[0.5, "150.0"],
			[0.002, "0.6"],
		] as const) {
			const log: string[] = [];
			const stopping = new AbortController();
			const urls = serverUrls(server.url, "n");
			const link = new Link({
				...{ url: urls.link, random: () => random, log: (line: string) => log.push(line) },
				// As long as the first wait could be after a day of them.
				timing: { ...TIMING, backoffFirstMs: 86_400_000 },
				membership: new Membership({
					...{ urls, dataDir: temporaryDirectory(), name: "n", uid: "u", version: "1", token: TOKEN, patienceMs: 10_000 },
					log: () => undefined,
				}),
				...{ hello: unused, welcome: unused, receive: unused, receiveData: unused, lost: unused, deleted: unused },
			});
			const done = link.run(stopping.signal);
			await until(() => log.length > 0);
			expect(log[0]).toMatch(new RegExp(` Dialling again in ${wait} s\\.$`));
			stopping.abort();
			await done;
		}
	});

	it("stops while it waits to dial again", async () => {
		const server = await runningServer();
		await server.close();
		const log: string[] = [];
		const stopping = new AbortController();
		const node = await startNode({
			...{ url: server.url, token: TOKEN, name: "n", dataDir: temporaryDirectory(), log: (line: string) => log.push(line) },
			...{ signal: stopping.signal, timing: { backoffFirstMs: 1e9, backoffMaxMs: 1e9 } },
		});
		await until(() => log.some((line) => line.includes("Dialling again")));
		stopping.abort();
		await node.done;
	});

	it("dials again when nothing is heard any more", async () => {
		const { server, log } = await runningNode({ timing: { heartbeatMs: 20, heartbeatLostMs: 60 } });
		server.answersHeartbeats = false;
		await server.joined(2);
		expect(log).toContainEqual(expect.stringContaining("The server did not answer for 0.06 s."));
	});

	it("holds as long as heartbeats are answered", async () => {
		const { server } = await runningNode({ timing: { heartbeatMs: 10, heartbeatLostMs: 100 } });
		await server.run("c", "bash", { command: "sleep 0.4" });
		expect(server.hellos).toHaveLength(1);
	});

	it("dials again when the server answers heartbeats but never says welcome", async () => {
		const server = await runningServer();
		server.welcomes = false;
		const { log } = await runningNode({ server, timing: { heartbeatMs: 20, heartbeatLostMs: 60 } });
		await server.joined(2);
		expect(log).toContainEqual(expect.stringContaining("The server did not welcome this node for 0.06 s."));
	});

	it("ends with the server's sentence on 409 Conflict", async () => {
		const status = "409 Conflict";
		const server = await runningServer();
		server.refuse = { status, body: JSON.stringify({ kind: "Status", message: "This node may not." }) };
		const node = await startNode({ url: server.url, token: TOKEN, name: "n", dataDir: temporaryDirectory() });
		await expect(node.done).rejects.toThrow(`The server refused this node with ${status.slice(0, 3)}: This node may not.`);
	});

	it("dials again on any other answer", async () => {
		const server = await runningServer();
		server.refuse = { status: "503 Service Unavailable", body: "<html>deploying</html>" };
		const log: string[] = [];
		const node = await startNode({
			...{ url: server.url, token: TOKEN, name: "n", dataDir: temporaryDirectory(), log: (line: string) => log.push(line) },
			timing: { backoffFirstMs: 5, backoffMaxMs: 20 },
		});
		await until(() => log.some((line) => line.includes("The server refused this node with 503: Service Unavailable")));
		server.refuse = undefined;
		await server.joined();
		await node.stop();
	});

	it("ends with the server's sentence when it is rejected for good", async () => {
		const server = await runningServer();
		server.reject = { code: "NameTaken", message: "Another machine has the name node-1. Choose another.", retryable: false };
		const { node } = await runningNode({ server });
		await expect(node.done).rejects.toThrow("The server rejected this node: Another machine has the name node-1. Choose another.");
	});

	it("dials again when it is rejected for now", async () => {
		const server = await runningServer();
		server.reject = { code: "Starting", message: "Not yet.", retryable: true };
		const { log } = await runningNode({ server });
		await server.joined(2);
		server.reject = undefined;
		await server.joined(server.hellos.length + 1);
		await server.run("c", "bash", { command: "true" });
		expect(log).toContainEqual(expect.stringContaining("The server rejected this node: Not yet. Dialling again in"));
	});

	it("ignores and reports what it does not know, and takes unknown fields", async () => {
		const { server, log } = await runningNode();
		for (const text of ["no json", '{"v":1,"type":"dance"}', '{"v":1,"type":"call","id":"c"}']) server.sendText(text);
		server.sendText(
			JSON.stringify({
				...{ v: 1, type: "call", id: "c", incarnation: 1, session: "default/s", workspace: "s", tool: "bash" },
				...{ arguments: { command: "echo hello" }, timeoutMs: 1_000, futureField: { a: 1 } },
			}),
		);
		expect(await server.result("c")).toMatchObject({ content: "hello" });
		expect(log.filter((line) => line.startsWith("Ignored a frame that this version does not know"))).toHaveLength(3);
	});
});
