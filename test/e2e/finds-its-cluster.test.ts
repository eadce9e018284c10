import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, KLAW } from "./klaw-process.ts";
import { RunningCommand } from "./running-command.ts";

/** Nobody listens there: the sentence about it says which kubeconfig was taken. */
let closedPort: number;
let dir: string;
beforeAll(async () => {
	closedPort = await freePort();
	dir = await mkdtemp(join(tmpdir(), "klaw-kubeconfig-"));
	await kubeconfig("flag", "flag");
	await kubeconfig("env", "env");
	await kubeconfig("here/.klaw/kubeconfig", "here");
	await kubeconfig("home/.kube/config", "home");
	await mkdir(join(dir, "elsewhere"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function kubeconfig(path: string, server: string): Promise<void> {
	await mkdir(dirname(join(dir, path)), { recursive: true });
	await writeFile(
		join(dir, path),
		`apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "http://127.0.0.1:${closedPort}/${server}"}}]
users: [{name: c, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: c}}]
`,
	);
}

it.each([
	{ by: "--kubeconfig before all others", args: ["--kubeconfig", "../flag"], cwd: "here", home: "home", env: "env", server: "flag" },
	{ by: "KUBECONFIG", args: [], cwd: "here", home: "home", env: "env", server: "env" },
	{ by: "the first file of KUBECONFIG that exists", args: [], cwd: "here", home: "home", env: "missing:env", server: "env" },
	{ by: ".klaw/kubeconfig in the working directory", args: [], cwd: "here", home: "home", server: "here" },
	{ by: "~/.kube/config", args: [], cwd: "elsewhere", home: "home", server: "home" },
])("klaw finds its cluster by $by", async ({ args, cwd, home, env, server }) => {
	const { code, stderr } = await getTasks(cwd, home, env, args);
	expect(code).toBe(1);
	expect(stderr).toBe(
		`The connection to the server http://127.0.0.1:${closedPort}/${server} was refused. Is klaw running there? Start it with: npm start\n`,
	);
});

it("klaw says where it looked and what to do when it finds no cluster", async () => {
	const { code, stderr } = await getTasks("elsewhere", "elsewhere", undefined, []);
	expect(code).toBe(1);
	expect(stderr).toMatch(
		/^error: No kubeconfig was found: not by --kubeconfig, not by KUBECONFIG, not as \.klaw\/kubeconfig in this directory, not as ~/,
	);
	expect(stderr).toMatch(/Start klaw with `npm start`/);
});

async function getTasks(cwd: string, home: string, kubeconfigs: string | undefined, args: string[]) {
	const list = kubeconfigs?.split(":").map((path) => join(dir, path));
	const env = { PATH: process.env.PATH, HOME: join(dir, home), ...(list && { KUBECONFIG: list.join(":") }) };
	const command = new RunningCommand(process.execPath, [KLAW, "get", "tasks", ...args], { cwd: join(dir, cwd), env });
	return { code: await command.ended, stderr: command.stderr };
}
