import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";

const AGENT = "/apis/klaw.sh/v1/namespaces/default/agents/a";
const agent = { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "a", namespace: "default" }, spec: { model: "old" } };

let api: ResourceApi;
let cwd: string;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	api.put(AGENT, agent);
	cwd = await mkdtemp(join(tmpdir(), "klaw-patch-"));
});
afterEach(async () => {
	await api.server.close();
	await rm(cwd, { recursive: true, force: true });
});
const klaw = (argv: string[], stdin = "") => runKlaw(["--server", api.server.url, "--token", "t", ...argv], { cwd, stdin });

describe("klaw patch", () => {
	it.each([
		[[], "application/strategic-merge-patch+json"],
		[["--type=merge"], "application/merge-patch+json"],
		[["--type", "strategic"], "application/strategic-merge-patch+json"],
	])("%j sends a patch of that type", async (flags, type) => {
		const ran = await klaw(["patch", "agent", "a", ...flags, "-p", '{"spec":{"model":"new"}}']);
		expect(ran).toEqual({ code: 0, stdout: "agent.klaw.sh/a patched\n", stderr: "" });
		expect(api.server.requests.at(-1)).toMatchObject({
			path: `${AGENT}?fieldManager=klaw-patch`,
			headers: { "content-type": type },
			body: { spec: { model: "new" } },
		});
	});

	it("sends a list of operations with --type=json, and may address a subresource", async () => {
		api.refuse = ({ path }) => (path.includes("/status") ? { json: agent } : undefined);
		const operations = [{ op: "replace", path: "/status/phase", value: "Idle" }];
		await klaw(["patch", "agent", "a", "--type=json", "--subresource=status", `-p=${JSON.stringify(operations)}`]);
		expect(api.server.requests.at(-1)).toMatchObject({
			path: `${AGENT}/status?fieldManager=klaw-patch`,
			headers: { "content-type": "application/json-patch+json" },
			body: operations,
		});
	});

	it("reads YAML too, and a file", async () => {
		await writeFile(join(cwd, "p.yaml"), "spec:\n  model: filed\n");
		expect((await klaw(["patch", "agent/a", "--type=merge", "--patch-file", "p.yaml"])).stdout).toBe("agent.klaw.sh/a patched\n");
		expect(api.objects.get(AGENT).spec.model).toBe("filed");
	});

	it("says when it changed nothing", async () => {
		expect((await klaw(["patch", "agent", "a", "--type=merge", "-p", "spec: {model: old}"])).stdout).toBe(
			"agent.klaw.sh/a patched (no change)\n",
		);
	});

	it("with --dry-run=client shows the result and sends nothing", async () => {
		const dry = ["patch", "agent", "a", "--dry-run=client", "-o", "jsonpath={.spec.model}"];
		expect((await klaw([...dry, "--type=merge", "-p", "spec: {model: new}"])).stdout).toBe("new");
		expect((await klaw([...dry, "--type=json", "-p", '[{"op":"replace","path":"/spec/model","value":"newer"}]'])).stdout).toBe("newer");
		expect(api.writes).toEqual([]);
	});

	it.each([
		[["patch", "agent", "a"], "error: must specify --patch or --patch-file containing the contents of the patch\n"],
		[["patch", "agent", "a", "-p", "{"], 'error: unable to parse "{": '],
		[["patch", "agent", "a", "-p", "[]"], 'error: unable to parse "[]": a strategic patch is an object.\n'],
		[["patch", "agent", "a", "--type=json", "-p", "{}"], 'error: unable to parse "{}": a json patch is a list of operations.\n'],
	])("klaw %j is refused", async (argv, message) => {
		const ran = await klaw(argv);
		expect(ran).toMatchObject({ code: 1, stdout: "" });
		expect(ran.stderr.startsWith(message)).toBe(true);
	});
});

describe("klaw replace", () => {
	const file = "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: a}\nspec: {model: whole}\n";

	it("puts the file in the place of the object", async () => {
		expect(await klaw(["replace", "-f", "-"], file)).toEqual({ code: 0, stdout: "agent.klaw.sh/a replaced\n", stderr: "" });
		expect(api.writes).toEqual([`PUT ${AGENT}?fieldManager=klaw-replace&fieldValidation=Strict`]);
		expect(api.objects.get(AGENT).spec).toEqual({ model: "whole" });
	});

	it("makes no object that is not there, unless it is forced", async () => {
		api.objects.clear();
		expect((await klaw(["replace", "-f", "-"], file)).stderr).toBe(
			'Error from server (NotFound): error when replacing "STDIN": agents.klaw.sh "a" not found\n',
		);
		expect((await klaw(["replace", "--force", "-f", "-"], file)).stdout).toBe("agent.klaw.sh/a replaced\n");
	});

	it("with --force deletes the old object first", async () => {
		expect((await klaw(["replace", "--force", "-f", "-"], file)).stdout).toBe('agent.klaw.sh "a" deleted\nagent.klaw.sh/a replaced\n');
		expect(api.writes.map((write) => write.split("?")[0])).toEqual([`DELETE ${AGENT}`, `POST ${AGENT.slice(0, -2)}`]);
	});
});
