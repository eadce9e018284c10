import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";

let api: ResourceApi;
let dir: string;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	for (const name of ["writer", "reviewer"])
		api.put(`/apis/klaw.sh/v1/namespaces/default/agents/${name}`, { metadata: { name, namespace: "default" } });
	api.put("/api/v1/namespaces/team-a", { metadata: { name: "team-a" } });
	dir = await mkdtemp(join(tmpdir(), "klaw-completion-"));
});
afterEach(async () => {
	await api.server.close();
	await rm(dir, { recursive: true, force: true });
});

const complete = async (...words: string[]) =>
	(await runKlaw(["--server", api.server.url, "--token", "t", "__complete", "--", ...words])).stdout.split("\n").slice(0, -1);

describe("klaw completion", () => {
	it.each([
		["commands", ["app"], ["apply"]],
		["commands of commands", ["config", "use"], ["use-context"]],
		["options", ["delete", "--cas"], ["--cascade"]],
		["global options", ["get", "agents", "--names"], ["--namespace"]],
		["values of options", ["apply", "--dry-run="], ["--dry-run=client", "--dry-run=none", "--dry-run=server"]],
		["values behind an option", ["get", "agents", "-o", "js"], ["json", "jsonpath="]],
		["kinds of the server", ["delete", "ag"], ["agents"]],
		["names of objects", ["delete", "agents", "w"], ["writer"]],
		["names behind a kind and a slash", ["edit", "agent/"], ["agent/reviewer", "agent/writer"]],
		["namespaces", ["-n", "team"], ["team-a"]],
		["shells", ["completion", ""], ["bash", "fish", "zsh"]],
	])("knows %s", async (_, words, candidates) => {
		expect(await complete(...words)).toEqual(candidates);
	});

	it("knows contexts of the kubeconfig", async () => {
		const file = join(dir, "config");
		await writeFile(file, "contexts: [{name: blue, context: {}}, {name: green, context: {}}]\n");
		const { stdout } = await runKlaw(["--kubeconfig", file, "__complete", "--", "config", "use-context", "b"]);
		expect(stdout).toBe("blue\n");
	});

	it("says nothing when the cluster does not answer", async () => {
		const { url } = api.server;
		await api.server.close();
		expect(await runKlaw(["--server", url, "--token", "t", "__complete", "--", "get", ""])).toEqual({ code: 0, stdout: "", stderr: "" });
		await api.listen();
	});

	it("is not offered itself", async () => {
		expect(await complete("")).not.toContain("__complete");
		expect(await complete("")).toContain("apply");
	});

	it("prints a script that bash can load, and that asks klaw for what the cursor is at", async () => {
		const { stdout } = await runKlaw(["completion", "bash"]);
		await writeFile(join(dir, "script"), stdout);
		const fake = 'klaw() { local IFS=" "; echo "asked:$*"; };';
		const asked = execFileSync("bash", [
			"-c",
			`${fake} source ${join(dir, "script")}; COMP_WORDS=(klaw get agents ""); COMP_CWORD=3; _klaw; printf '%s|' "\${COMPREPLY[@]}"`,
		]);
		expect(String(asked)).toBe("asked:__complete -- get agents |");
	});

	it("has scripts for zsh and fish, and for no other shell", async () => {
		expect((await runKlaw(["completion", "zsh"])).stdout).toMatch(/^#compdef klaw\n/);
		expect((await runKlaw(["completion", "fish"])).stdout).toContain("complete -c klaw");
		expect(await runKlaw(["completion", "csh"])).toMatchObject({
			code: 1,
			stderr: 'error: Unsupported shell type "csh". Choose one of bash, zsh, fish.\n',
		});
	});
});
