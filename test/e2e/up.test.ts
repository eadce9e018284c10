import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, Klaw, NAMESPACE, until } from "./klaw-process.ts";

const execute = promisify(execFile);
const KLAW = fileURLToPath(new URL("../../bin/klaw.js", import.meta.url));

interface ChildRecord {
	name: string;
	pid: number;
}
const children = (klaw: Klaw): ChildRecord[] => JSON.parse(readFileSync(join(klaw.data, "run", "children.json"), "utf8"));
const pidOf = (klaw: Klaw, name: string) => children(klaw).find((child) => child.name === name)?.pid ?? 0;
const alive = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
const gone = (pids: number[]) => until(() => !pids.some(alive), 10_000);

/** `klaw up` to its end, for starts that are to fail. */
function tryUp(klaw: Klaw, ...args: string[]) {
	return klaw.cli(["up", "--no-demo", ...args]);
}

describe.runIf(process.platform === "linux")("klaw up", () => {
	let klaw: Klaw;
	beforeAll(async () => {
		klaw = await Klaw.start({ env: { ANTHROPIC_API_KEY: "canary-7f3a", KLAW_DEFAULT_MODEL: "offline/shell" } });
	});
	afterAll(() => klaw?.remove());

	it("writes a kubeconfig that only its owner can read, and the command finds it", async () => {
		expect(statSync(join(klaw.data, "kubeconfig")).mode & 0o777).toBe(0o600);
		expect(await klaw.cli(["get", "agents", "-o", "name"])).toMatchObject({ code: 0, stdout: "agent.klaw.sh/default\n" });
		expect(klaw.output).toContain(`klaw ready: ${klaw.url}, and for kubectl ${klaw.httpsUrl}\n`);
	});

	it("is there for kubectl too, over HTTPS with an authority of its own", async () => {
		const kubectl = (...args: string[]) => execute("kubectl", ["--kubeconfig", join(klaw.data, "kubeconfig"), ...args]);
		expect((await kubectl("get", "--raw", "/healthz")).stdout).toBe("ok");
		expect(JSON.parse((await kubectl("get", "--raw", `${NAMESPACE}/agents/default`)).stdout)).toMatchObject({ kind: "Agent" });
		expect(statSync(join(klaw.data, "tls", "ca.key")).mode & 0o777).toBe(0o600);
		const stranger = ["get", "--raw", "/healthz", "--server", klaw.httpsUrl, "--token", "t", "--kubeconfig", "/dev/null"];
		await expect(execute("kubectl", stranger)).rejects.toThrow("x509: certificate signed by unknown authority");
	});

	it("keeps keys and tokens out of every argument list, environment and configuration of what it starts", async () => {
		const token = await klaw.token();
		const seen = children(klaw).flatMap(({ pid }) => ["cmdline", "environ"].map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8")));
		expect(seen.join()).not.toContain("canary-7f3a");
		expect(seen.join()).not.toContain(token);
		expect(readdirSync(join(klaw.data, "run")).filter((name) => name.endsWith(".capnp"))).toEqual([]);
	});

	it("is refused on the same data, with the process id of the one that runs", async () => {
		const second = await tryUp(klaw, "--data", klaw.data, "--port", "0");
		expect(second).toMatchObject({ code: 1, stdout: "" });
		expect(second.stderr).toMatch(
			/^error: A klaw is already running here \(pid \d+\)\. Stop it with Ctrl-C in its terminal, or: kill \d+\. Or use another --data\.\n$/,
		);
	});

	it("is refused on a port in use, and starts nothing", async () => {
		const port = await freePort();
		const other = createServer().listen(port, "127.0.0.1");
		const second = await tryUp(klaw, "--data", join(klaw.dir, "other"), "--port", String(port));
		other.close();
		expect(second).toMatchObject({ code: 1, stdout: "" });
		expect(second.stderr).toMatch(new RegExp(`^error: Port ${port} on 127\\.0\\.0\\.1 is in use by another program\\. .*--port`));
		expect(existsSync(join(klaw.dir, "other", "run", "children.json"))).toBe(false);
	});

	it.each(["workerd", "node"])("starts %s again when it is killed, and goes on", async (name) => {
		const before = pidOf(klaw, name);
		process.kill(before, "SIGKILL");
		await until(() => pidOf(klaw, name) !== before && alive(pidOf(klaw, name)), 10_000);
		expect(klaw.output).toMatch(new RegExp(`^${name} \\(see .*${name}\\.log\\) ended \\(SIGKILL\\); starting it again\\.$`, "m"));
		expect(await klaw.cli(["dispatch", "$ echo still-$((40 + 2))", "--wait", "--timeout", "30s"])).toMatchObject({
			code: 0,
			stdout: expect.stringContaining("still-42"),
		});
	});

	it("leaves nothing running when it alone is killed, and the next start has the same tokens", async () => {
		const token = await klaw.token();
		const left = children(klaw).map(({ pid }) => pid);
		await klaw.killOnlyUp();
		await klaw.start();
		await gone(left);
		expect(await klaw.token()).toBe(token);
		expect(await klaw.cli(["get", "nodes", "-o", "name"])).toMatchObject({ code: 0, stdout: "node/local\n" });
	});

	it("stops everything that it started at Ctrl-C, and exits with 0", async () => {
		const left = children(klaw).map(({ pid }) => pid);
		expect(await klaw.stop()).toBe(0);
		expect(left.filter(alive)).toEqual([]);
		expect(readdirSync(join(klaw.data, "run", "holders"))).toEqual([]);
	});
});

it("klaw up runs a first task before the user's eyes, goes on serving, and does not run it again at the next start", async () => {
	const klaw = await Klaw.start({ firstTask: true });
	try {
		await until(() => klaw.output.includes("first task: Succeeded"), 30_000);
		expect(klaw.output).toMatch(/● bash \$ uname -srm\n {2}│ \w+ [\d.]+/);
		expect(klaw.output).toMatch(/ {2}│ klaw was here on \d{4}-\d\d-\d\d\n/);
		await klaw.stop();
		await klaw.start();
		await until(() => klaw.output.includes("Serving."), 30_000);
		expect(klaw.output).not.toContain("● bash");
	} finally {
		await klaw.remove();
	}
});

it("klaw up --demo runs a task on a free port, prints its output, and exits with 0 leaving nothing behind", async () => {
	const child = spawn(process.execPath, [KLAW, "up", "--demo"], { stdio: ["ignore", "pipe", "inherit"] });
	let output = "";
	child.stdout.on("data", (chunk) => (output += String(chunk)));
	const code = await new Promise((resolve) => child.once("exit", resolve));
	expect(output).toMatch(/● bash \$ uname -srm\n {2}│ \w+/);
	expect(output.endsWith("demo: Succeeded\n")).toBe(true);
	expect(code).toBe(0);
	const data = /its state is in (\S+)/.exec(output)?.[1] ?? "/";
	expect(existsSync(data)).toBe(false);
});
