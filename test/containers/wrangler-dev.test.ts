import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, type Json, NAMESPACE, ROOT, until } from "../e2e/klaw-process.ts";

const TOKEN = "token-of-the-wrangler-test";
let dev: ChildProcess;
let url: string;
let said = "";
const state = mkdtempSync(join(tmpdir(), "klaw-wrangler-"));

beforeAll(async () => {
	const port = await freePort();
	url = `http://127.0.0.1:${port}`;
	const variables = { KLAW_ADMIN_TOKEN: TOKEN, KLAW_DEFAULT_MODEL: "offline/shell" };
	const flags = ["--config", "wrangler.containers.toml", "--local", "--port", String(port), "--inspector-port", "0", "--persist-to", state];
	for (const [name, value] of Object.entries(variables)) flags.push("--var", `${name}:${value}`);
	dev = spawn(process.execPath, [join(ROOT, "node_modules/wrangler/bin/wrangler.js"), "dev", ...flags], {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "pipe"],
	});
	for (const stream of [dev.stdout, dev.stderr]) stream?.on("data", (chunk) => (said += String(chunk)));
	await until(() => {
		if (dev.exitCode !== null) throw new Error(`wrangler dev ended:\n${said}`);
		return fetch(`${url}/healthz`).then(
			({ ok }) => ok,
			() => false,
		);
	}, 150_000);
});
afterAll(async () => {
	const gone = new Promise((resolve) => dev.once("exit", resolve));
	dev.kill("SIGINT");
	await gone;
	rmSync(state, { recursive: true, force: true });
});

async function api(path: string, body?: unknown): Promise<Json> {
	const response = await fetch(`${url}${NAMESPACE}/${path}`, {
		headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
		...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
	});
	return response.json();
}

it("wrangler dev, with the configuration that is deployed, runs a task's tools in a container", async () => {
	await api("agents", { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "default" }, spec: {} });
	await api("tasks", { metadata: { name: "t" }, spec: { agent: "default", prompt: "$ uname -s; echo kept > kept.txt\nread kept.txt" } });
	let status: Json = {};
	await until(async () => {
		status = (await api("tasks/t")).status ?? {};
		return ["Succeeded", "Failed"].includes(status.phase);
	}, 60_000);
	expect(status).toMatchObject({ phase: "Succeeded", result: expect.stringMatching(/Linux[\s\S]*kept$/) });
});
