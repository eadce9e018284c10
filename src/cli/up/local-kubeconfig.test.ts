import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { writeLocalKubeconfig } from "./local-kubeconfig.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "klaw-kubeconfig-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const FIRST = { server: "https://127.0.0.1:8443", ca: "first", token: "t1" };
const SECOND = { server: "https://127.0.0.1:9443", ca: "second", token: "t2" };

it("a new kubeconfig has one context and is nobody else's to read", async () => {
	const path = join(dir, "kubeconfig");
	await writeLocalKubeconfig(path, FIRST);
	expect(parse(readFileSync(path, "utf8"))).toMatchObject({
		"current-context": "local",
		users: [{ name: "local", user: { token: "t1" } }],
	});
	expect(statSync(path).mode & 0o077).toBe(0);
});

it("a start on another port renews what is klaw's own and keeps what people added", async () => {
	const path = join(dir, "kubeconfig");
	await writeLocalKubeconfig(path, FIRST);
	const config = parse(readFileSync(path, "utf8"));
	config.clusters.push({ name: "staging", cluster: { server: "https://127.0.0.1:8443/clusters/staging" } });
	config.clusters.push({ name: "work", cluster: { server: "https://work.example" } });
	config.contexts[0].context.namespace = "team-a";
	config.contexts.push({ name: "staging", context: { cluster: "staging", user: "local" } });
	config["current-context"] = "staging";
	writeFileSync(path, JSON.stringify(config));
	await writeLocalKubeconfig(path, SECOND);
	const renewed = parse(readFileSync(path, "utf8"));
	const ca = Buffer.from("second").toString("base64");
	expect(renewed.clusters).toEqual([
		{ name: "local", cluster: { server: "https://127.0.0.1:9443", "certificate-authority-data": ca } },
		{ name: "staging", cluster: { server: "https://127.0.0.1:9443/clusters/staging", "certificate-authority-data": ca } },
		{ name: "work", cluster: { server: "https://work.example" } },
	]);
	expect(renewed.users).toEqual([{ name: "local", user: { token: "t2" } }]);
	expect(renewed.contexts.map(({ context }: { context: object }) => context)).toMatchObject([
		{ namespace: "team-a" },
		{ cluster: "staging" },
	]);
	expect(renewed["current-context"]).toBe("staging");
});
