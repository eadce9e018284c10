import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Klaw, NAMESPACE, until } from "./klaw-process.ts";

const SOON_MS = 30_000;
const execute = promisify(execFile);

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

const dataOf = (name: string) => join(klaw.dir, `data-of-${name}`);
const credentialOf = async (name: string): Promise<string> =>
	JSON.parse(await readFile(join(dataOf(name), "credential.json"), "utf8")).credential;
const command = (name: string, ...flags: string[]) =>
	klaw.command(["node", "join", klaw.url, "--name", name, "--data", dataOf(name), ...flags]);
const isReady = async (name: string) => new RegExp(`^${name} +Ready `, "m").test((await klaw.cli(["get", "nodes"])).stdout);

/** A file with a token, as a person has it from `klaw node token create > FILE`. */
async function tokenFile(name: string, ...flags: string[]): Promise<string> {
	const { code, stdout, stderr } = await klaw.cli(["node", "token", "create", "--description", `for ${name}`, ...flags]);
	expect([code, stderr]).toEqual([0, ""]);
	const path = join(klaw.dir, `${name}.token`);
	await writeFile(path, stdout, { mode: 0o600 });
	return path;
}

/** Whether the token of that file has ended. */
const isOver = async (name: string) => !(await klaw.cli(["node", "token", "list"])).stdout.includes(`for ${name}\n`);

/** Starts a node and waits until it has joined. */
async function joined(name: string, ...flags: string[]) {
	const node = command(name, ...flags);
	await until(() => node.stderr.includes(`Joined as node ${name}`), SOON_MS);
	return node;
}

it("a join token is said once, listed without what is secret, and deleted", async () => {
	const { stdout: token } = await klaw.cli(["node", "token", "create", "--ttl", "30m", "--node", "listed", "--description", "the Mac"]);
	expect(token).toMatch(/^klaw-join-[\w-]{43}\n$/);
	const list = (await klaw.cli(["node", "token", "list"])).stdout;
	expect(list).not.toContain("klaw-join-");
	const [, name = ""] = /^(join-\w{5}) .* listed +system:admin .* the Mac$/m.exec(list) ?? [];
	expect(await klaw.cli(["node", "token", "delete", name])).toMatchObject({
		code: 0,
		stdout: `nodejointoken.klaw.sh "${name}" deleted\n`,
	});
	expect((await klaw.cli(["get", "nodejointokens", "-o", "name"])).stdout).not.toContain(name);
	expect((await klaw.cli(["node", "token", "create", "--ttl", "25h"])).stderr).toContain("at most 24h");
});

it("kubectl's way of making one works as well", async () => {
	const manifest = "apiVersion: klaw.sh/v1\nkind: NodeJoinToken\nmetadata:\n  name: from-file\nspec:\n  uses: 1\n";
	const { stdout } = await klaw.cli(["create", "-f", "-", "-o", "jsonpath={.status.token}"], manifest);
	expect(stdout).toMatch(/^klaw-join-[\w-]{43}$/);
	expect((await klaw.cli(["get", "nodejointoken", "from-file", "-o", "yaml"])).stdout).not.toContain("klaw-join-");
	expect((await klaw.cli(["delete", "nodejointoken", "from-file"])).code).toBe(0);
});

describe("a machine", () => {
	it("joins with a token, and comes back without one long after the token has ended", async () => {
		const token = await tokenFile("first", "--ttl", "10s", "--node", "first");
		const flags = [
			"--labels",
			"disk=ssd",
			"--taints",
			"gpu=yes:NoSchedule",
			"--capacity",
			"cpu=1,memory=1Gi,ephemeral-storage=2Gi,slots=2",
		];
		const node = await joined("first", "--token-file", token, ...flags);
		const { metadata, spec, status } = (await klaw.api("GET", "/api/v1/nodes/first")).body;
		expect(metadata.labels).toMatchObject({ disk: "ssd", "kubernetes.io/hostname": "first", "kubernetes.io/os": process.platform });
		expect(spec.taints).toMatchObject([{ key: "gpu", value: "yes", effect: "NoSchedule" }]);
		expect(status.capacity).toMatchObject({ cpu: "1", memory: "1Gi", "ephemeral-storage": "2Gi", pods: "2" });
		expect(await node.kill("SIGINT")).toBe(0);
		await rm(token);
		await until(() => isOver("first"), SOON_MS);

		const again = await joined("first");
		expect(await again.kill("SIGKILL")).not.toBe(0);
		// The file that the command line still names is not needed either.
		const third = await joined("first", "--token-file", token);
		expect(third.stderr).toContain("has joined as node first before, so it needs no join token");
		await third.kill("SIGINT");
	});

	it("does not join with a token that has expired, and is told what to do", async () => {
		const token = await tokenFile("late", "--ttl", "1s");
		await until(() => isOver("late"), SOON_MS);
		const node = command("late", "--token-file", token);
		expect(await node.ended).toBe(1);
		expect(node.stderr).toContain("The server refused this node with 401: The join token expired at ");
	});

	it("without a token and without a credential is told what to do", async () => {
		const node = command("bare");
		expect(await node.ended).toBe(1);
		expect(node.stderr).toContain("Make a join token with klaw node token create, and give it with --token-file FILE.");
	});

	it("under a name that is taken is refused, and the one that has it goes on working", async () => {
		const labels = ["--labels", "owner=first"];
		const owner = await joined("wanted", "--token-file", await tokenFile("owner"), ...labels);
		await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "owned" }, spec: { nodeSelector: { owner: "first" } } });
		await klaw.createTask("owned", { agent: "owned", prompt: "$ echo begun; until [ -e go ]; do sleep 0.05; done; echo done" });
		const journal = async () => (await klaw.cli(["logs", "owned"])).stdout;
		await until(async () => (await journal()).includes("begun"), SOON_MS);

		const data = join(klaw.dir, "data-of-second-wanted");
		const flags = ["--token-file", await tokenFile("second"), "--name", "wanted", "--data", data];
		const second = await klaw.cli(["node", "join", klaw.url, ...flags]);
		expect(second.code).toBe(1);
		expect(second.stderr).toContain('409: Another machine has joined as node "wanted" already. Choose another name with --name');

		const workspaces = join(dataOf("wanted"), "workspaces");
		const [workspace = ""] = await readdir(workspaces);
		await writeFile(join(workspaces, workspace, "go"), "");
		expect(await klaw.taskEnd("owned", SOON_MS)).toMatchObject({ phase: "Succeeded" });
		expect(await isReady("wanted")).toBe(true);
		expect(await owner.kill("SIGINT")).toBe(0);
	});

	it("ends when its node is deleted, and its credential is void at once", async () => {
		const node = await joined("revoked", "--token-file", await tokenFile("revoked"));
		const credential = await credentialOf("revoked");
		expect((await klaw.cli(["delete", "node", "revoked"])).code).toBe(0);
		expect(await node.ended).toBe(1);
		expect(node.stderr).toContain("The node revoked was deleted.");
		const link = new WebSocket(`${klaw.url}/api/v1/nodes/revoked/link`, { headers: { Authorization: `Bearer ${credential}` } });
		const [{ message }] = await once(link, "error");
		expect(message).toBe("Unexpected server response: 401");
		const again = command("revoked");
		expect(await again.ended).toBe(1);
		expect(again.stderr).toContain("klaw node token create");
	});
});

/** As the objects of nodes were before there were credentials. */
async function dropCredentials(data: string): Promise<void> {
	const paths = (await readdir(data, { recursive: true })).filter((path) => path.endsWith(".sqlite"));
	for (const path of paths) {
		const database = new DatabaseSync(join(data, path));
		database.exec("DROP TABLE IF EXISTS credential");
		database.close();
	}
}

describe("the local node", () => {
	it("joins by itself, and comes back after it was deleted", async () => {
		expect((await klaw.api("GET", "/api/v1/nodes/local")).body.metadata.labels).toMatchObject({ "klaw.sh/isolation": "none" });
		expect((await klaw.cli(["delete", "node", "local"])).code).toBe(0);
		await until(() => isReady("local"), SOON_MS);
	});

	it("of a data directory from before there were credentials joins anew as the machine it was", async () => {
		const uid = async () => (await klaw.api("GET", "/api/v1/nodes/local")).body.metadata.uid;
		const before = await uid();
		expect(await klaw.stop()).toBe(0);
		await rm(join(klaw.data, "node", "credential.json"));
		await dropCredentials(klaw.data);
		const tokens = JSON.parse(await readFile(join(klaw.data, "tokens.json"), "utf8"));
		await writeFile(join(klaw.data, "tokens.json"), JSON.stringify({ ...tokens, join: "j".repeat(43) }));
		await klaw.start();
		expect(await uid()).toBe(before);
	});

	it("has no join token left over, and nothing secret is to be seen where others look", async () => {
		const { credential } = JSON.parse(await readFile(join(klaw.data, "node", "credential.json"), "utf8"));
		expect(await readdir(join(klaw.data, "run"))).not.toContain("join-token");
		await klaw.createTask("looks", { prompt: "$ env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'" });
		await klaw.taskEnd("looks", SOON_MS);
		const kept = await Promise.all(["node", "workerd"].map((name) => readFile(join(klaw.data, "logs", `${name}.log`), "utf8")));
		const [journal, processes] = [(await klaw.cli(["logs", "looks"])).stdout, await execute("ps", ["axeww"], { maxBuffer: 64 << 20 })];
		for (const seen of [journal, processes.stdout, klaw.output, ...kept]) expect(seen).not.toContain(credential);
		// Processes of others may well have been given a token as an argument.
		for (const seen of [klaw.output, ...kept]) expect(seen).not.toMatch(/klaw-join-[\w-]{43}/);
	});
});
