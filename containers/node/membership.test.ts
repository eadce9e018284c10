import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type NodeOptions, startNode } from "./runtime.ts";
import { CREDENTIAL, type LinkServer, TOKEN } from "./testing/link-server.ts";
import { runningNode, runningServer, until } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const details = { name: "node-1", kind: "nodes", causes: [{ reason: "NodeDeleted" }] };
const UNAUTHORIZED = { status: "401 Unauthorized", body: JSON.stringify({ kind: "Status", message: "The node was deleted.", details }) };
/** As a klaw answers that never knew the node. */
const UNKNOWN = { status: "401 Unauthorized", body: JSON.stringify({ kind: "Status", message: "Who are you?" }) };
const status = (code: number, message: string) => ({ status: code, body: JSON.stringify({ kind: "Status", message }) });

/** A node that has joined and stopped: its credential is in its data directory. */
async function joinedBefore(): Promise<{ server: LinkServer; dataDir: string }> {
	const { server, dataDir, node } = await runningNode();
	await server.run("c", "bash", { command: "true" });
	await node.stop();
	return { server, dataDir };
}

async function start(server: LinkServer, options: Partial<NodeOptions> = {}) {
	const log: string[] = [];
	const timing = { backoffFirstMs: 5, backoffMaxMs: 20 };
	const node = await startNode({
		...{ url: server.url, name: "node-1", dataDir: temporaryDirectory(), log: (line: string) => log.push(line), timing },
		...options,
	});
	node.done.catch(() => undefined);
	return { ...node, log };
}

describe("a machine that has not joined before", () => {
	it("exchanges its join token for a credential, and dials in with that", async () => {
		const { server } = await runningNode({ name: "node-1" });
		expect(server.joins).toEqual([
			{ token: TOKEN, path: "/api/v1/nodes/node-1/join", uid: server.hellos[0]?.node.uid, version: server.hellos[0]?.node.version },
		]);
		expect(server.paths).toEqual(["/api/v1/nodes/node-1/link"]);
		expect(server.authorizations).toEqual([`Bearer ${CREDENTIAL}`]);
	});

	it("keeps the credential where only its owner can read it, and says neither secret to anybody", async () => {
		const { server, dataDir, log } = await runningNode();
		await server.run("c", "bash", { command: "env; cat /proc/$PPID/environ /proc/$PPID/cmdline" });
		const file = join(dataDir, "credential.json");
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ server: server.url, node: "node-1", credential: CREDENTIAL });
		const others = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		const kept = others.map((entry) => join(entry.parentPath, entry.name)).filter((path) => path !== file);
		const said = [...log, ...kept.map((path) => readFileSync(path, "utf8")), JSON.stringify([server.hellos, server.results])].join("\n");
		for (const secret of [TOKEN, CREDENTIAL]) expect(said).not.toContain(secret);
	});

	it("ends with what to do when it has no token", async () => {
		const server = await runningServer();
		const { done } = await start(server);
		await expect(done).rejects.toThrow(
			`This machine has no credential for node node-1 at ${server.url}. Make a join token with klaw node token create`,
		);
		expect(server.joins).toEqual([]);
	});

	it.each([
		[401, "The join token has expired."],
		[403, "The join token is for another node."],
		[409, "Another machine has joined as node node-1."],
		[422, "The name is none."],
	])("ends with the server's sentence on %i, and does not ask again", async (code, message) => {
		const server = await runningServer();
		server.refuseJoin = status(code, message);
		const { done } = await start(server, { token: TOKEN });
		await expect(done).rejects.toThrow(`The server refused this node with ${code}: ${message}`);
		expect([server.joins.length, server.paths.length]).toEqual([1, 0]);
	});

	it.each([404, 429, 500, 503])("asks again on %i, until it may join", async (code) => {
		const server = await runningServer();
		server.refuseJoin = status(code, "Not now.");
		const { log, stop } = await start(server, { token: TOKEN });
		await server.until(() => server.joins.length >= 3);
		server.refuseJoin = undefined;
		await server.joined();
		expect(log).toContainEqual(expect.stringContaining(`The server refused this node with ${code}: Not now. Dialling again in`));
		await stop();
	});

	it("does not follow a server elsewhere with its token", async () => {
		const server = await runningServer();
		server.refuseJoin = { status: 307, body: "", headers: { location: "https://elsewhere.example/secret/path" } };
		const { done } = await start(server, { token: TOKEN });
		await expect(done).rejects.toThrow(
			`The server at ${server.url} does not answer as a klaw server does: 307 Temporary Redirect, and sends to https://elsewhere.example. If that is where klaw is, join there.`,
		);
	});

	it.each([200, 400, 401, 403, 404, 405, 501])("ends when something that is no klaw server answers with %i", async (code) => {
		const server = await runningServer();
		server.refuseJoin = { status: code, body: "<html>" };
		const { done } = await start(server, { token: TOKEN });
		await expect(done).rejects.toThrow(`The server at ${server.url} does not answer as a klaw server does: ${code} `);
		expect(server.joins).toHaveLength(1);
	});

	it.each([429, 500, 502, 503, 504, 530])("asks again when a proxy answers with %i, since that passes", async (code) => {
		const server = await runningServer();
		server.refuseJoin = { status: code, body: "<html>" };
		const { stop } = await start(server, { token: TOKEN });
		await server.until(() => server.joins.length >= 3);
		server.refuseJoin = undefined;
		await server.joined();
		await stop();
	});

	it("is told that the path of the address may be wrong", async () => {
		const server = await runningServer();
		server.refuseJoin = status(401, "Who are you?");
		const { done } = await start(server, { url: `${server.url}/dashboard`, token: TOKEN });
		await expect(done).rejects.toThrow("Who are you? Is /dashboard right? klaw is at the root of its server's address");
		const cluster = await start(server, { url: `${server.url}/clusters/blue`, token: TOKEN });
		await expect(cluster.done).rejects.toThrow(/Who are you\?$/);
	});

	it("is refused a name that no node may have, and nothing is made for it", async () => {
		const server = await runningServer();
		const dataDir = join(temporaryDirectory(), "none");
		await expect(start(server, { name: "../x", dataDir, token: TOKEN })).rejects.toThrow(
			'--name "../x" is no name of a node: a lowercase RFC 1123 subdomain must consist of',
		);
		expect(existsSync(dataDir)).toBe(false);
	});

	it("names the workspace root, and not the data directory, when that is what cannot be used", async () => {
		const server = await runningServer();
		const workspaceRoot = join(temporaryDirectory(), "file");
		writeFileSync(workspaceRoot, "");
		await expect(start(server, { token: TOKEN, workspaceRoot })).rejects.toThrow(`The workspace root ${workspaceRoot} cannot be used: `);
	});

	it("is warned when it is to offer more than it has, with the numbers", async () => {
		const { log, server } = await runningNode({ capacity: { cpu: 60_000, memory: 2 ** 50 } });
		expect(log).toContainEqual(
			expect.stringMatching(/^This node offers more than its machine has: cpu=60k of \d+m?, memory=1Pi of \d+[MGT]i\./),
		);
		expect(server.hellos[0]?.node.capacity.cpu).toBe(60_000);
		expect((await runningNode({ capacity: { cpu: 0.5 } })).log.join()).not.toContain("more than its machine has");
	});

	it("is not taken in by something that is no klaw server", async () => {
		const server = await runningServer();
		server.refuseJoin = { status: 201, body: "<html>" };
		const { done } = await start(server, { token: TOKEN });
		await expect(done).rejects.toThrow("gave it no credential. Is it a klaw server?");
	});
});

describe("a machine that has joined before", () => {
	it("comes back without a token, and does not even read one", async () => {
		const { server, dataDir } = await joinedBefore();
		const unread = () => {
			throw new Error("read");
		};
		const { log, stop } = await start(server, { dataDir, token: unread });
		await server.joined(2);
		expect([server.joins.length, server.authorizations[1]]).toEqual([1, `Bearer ${CREDENTIAL}`]);
		expect(log).toContain("This machine has joined as node node-1 before, so it needs no join token.");
		await stop();
	});

	it("dials in with its credential at no other server, and shows it as no other node", async () => {
		const { dataDir, server } = await joinedBefore();
		const other = await runningServer();
		const nodes = [await start(other, { dataDir, token: TOKEN })];
		await other.joined();
		await nodes[0]?.stop();
		nodes.push(await start(server, { dataDir: dataDir, name: "node-2", token: TOKEN }));
		await server.joined(2);
		await nodes[1]?.stop();
		expect([other.joins.length, server.joins.length]).toEqual([1, 2]);
		expect(server.authorizations[1]).not.toBe(`Bearer ${CREDENTIAL}`);
		// Another port of this machine is its server, started anew.
		expect([...other.joins, ...server.joins].map(({ credential }) => credential)).toEqual([CREDENTIAL, undefined, undefined]);
	});

	it("joins again, once, when its credential is void and it was given a token", async () => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = UNAUTHORIZED;
		const { done } = await start(server, { dataDir, token: TOKEN });
		await expect(done).rejects.toThrow("The server refused this node with 401: The node was deleted.");
		expect([server.joins.length, server.paths.length]).toEqual([2, 3]);
		expect(server.joins.map(({ credential }) => credential)).toEqual([undefined, CREDENTIAL]);
	});

	it("ends with the server's sentence when its credential is void and it has no token", async () => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = UNAUTHORIZED;
		await expect((await start(server, { dataDir })).done).rejects.toThrow("The node was deleted.");
		expect(existsSync(join(dataDir, "credential.json"))).toBe(false);
	});

	it.each([
		["a klaw that does not know it", UNKNOWN],
		["one that forbids it", { ...UNKNOWN, status: "403 Forbidden" }],
		["one that says so of another node", { ...UNAUTHORIZED, body: UNAUTHORIZED.body.replace("node-1", "node-2") }],
	])("keeps its credential and tries again when %s answers: it may be a wrong server for a minute", async (_, refuse) => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = refuse;
		const { log, stop } = await start(server, { dataDir });
		await until(() => log.filter((line) => line.includes("The server refused this node with 40")).length >= 2);
		expect(existsSync(join(dataDir, "credential.json"))).toBe(true);
		server.refuse = undefined;
		await server.joined(2);
		expect(server.joins).toHaveLength(1);
		await stop();
	});

	it("comes back with its credential although a wrong server took neither that nor its token", async () => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = UNKNOWN;
		server.refuseJoin = status(401, "Whose token is this?");
		const { log, stop } = await start(server, { dataDir, token: TOKEN });
		await until(() => log.filter((line) => line.includes("Whose token is this?")).length >= 2);
		server.refuse = undefined;
		await server.joined(2);
		expect(server.authorizations.at(-1)).toBe(`Bearer ${CREDENTIAL}`);
		await stop();
	});

	it("joins with a new token when a server that does not know its credential takes that", async () => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = UNKNOWN;
		const { log, stop } = await start(server, { dataDir, token: TOKEN });
		await server.until(() => server.joins.length >= 2);
		server.refuse = undefined;
		await server.joined(2);
		expect(log).toContain("The server does not take this node's credential. Joining again with the join token.");
		expect(server.authorizations.at(-1)).not.toBe(`Bearer ${CREDENTIAL}`);
		await stop();
	});

	it("does not join again by itself once it was a node and is deleted", async () => {
		const { server, node } = await runningNode();
		await server.run("c", "bash", { command: "true" });
		server.refuse = UNAUTHORIZED;
		server.cut();
		await expect(node.done).rejects.toThrow("The node was deleted.");
		expect(server.joins).toHaveLength(1);
	});

	it("tries again when something else answers in place of the server: networks heal", async () => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = { status: "403 Forbidden", body: "<html>sign in</html>" };
		const { log, stop } = await start(server, { dataDir });
		await until(
			() => log.filter((line) => line.includes("refused this node with 403: Forbidden. That is no answer of klaw's.")).length >= 2,
		);
		server.refuse = undefined;
		await server.joined(2);
		expect(server.joins).toHaveLength(1);
		await stop();
	});

	it("keeps its credential when something else says that it is not signed in", async () => {
		const { server, dataDir } = await joinedBefore();
		server.refuse = { status: "401 Unauthorized", body: "<html>sign in</html>" };
		const { log, stop } = await start(server, { dataDir, token: TOKEN });
		await until(() => log.some((line) => line.includes("refused this node with 401")));
		expect(existsSync(join(dataDir, "credential.json"))).toBe(true);
		server.refuse = undefined;
		await server.joined(2);
		expect(server.joins).toHaveLength(1);
		await stop();
	});

	it("is told what comes of taints and labels when the node is there already, and not when it is new", async () => {
		const { server, dataDir } = await joinedBefore();
		const asked: Partial<NodeOptions> = { taints: [{ key: "gpu", effect: "NoSchedule" }], labels: { zone: "b" } };
		const { log, stop } = await start(server, { dataDir, ...asked });
		await until(() => log.some((line) => line.startsWith("Joined")));
		const line =
			"Node node-1 exists already. Its --taints are for the first join and change nothing now: change them with klaw taint nodes node-1 KEY=VALUE:EFFECT. Its --labels are added to its labels: take others away with klaw label nodes node-1 KEY-.";
		expect(log).toContain(line);
		await stop();
		expect((await runningNode(asked)).log.join()).not.toContain("exists already");
	});

	it("joins anew when its file is damaged", async () => {
		const { server, dataDir } = await joinedBefore();
		writeFileSync(join(dataDir, "credential.json"), "{");
		const { stop } = await start(server, { dataDir, token: TOKEN });
		await server.joined(2);
		expect(server.joins).toHaveLength(2);
		await stop();
	});
});

it("a command that ends while the server is away is reported when it is back", async () => {
	const { server, path } = await runningNode();
	server.call("c", "bash", { command: "echo begun; until [ -e go ]; do sleep 0.02; done; echo done; touch over" });
	await server.until(() => server.outputOf("c") === "begun\n");
	await server.close();
	writeFileSync(path("go"), "");
	await until(() => existsSync(path("over")));
	await server.listen();
	expect(await server.result("c")).toMatchObject({ content: "begun\ndone", exitCode: 0 });
});
