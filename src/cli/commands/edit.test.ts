import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../test/fakes/api-server.ts";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";

const AGENT = "/apis/klaw.sh/v1/namespaces/default/agents/a";

let api: ResourceApi;
let cwd: string;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	api.put(AGENT, {
		apiVersion: "klaw.sh/v1",
		kind: "Agent",
		metadata: { name: "a", namespace: "default", managedFields: [{ manager: "x" }] },
		spec: { model: "old", tools: ["bash"] },
	});
	cwd = await mkdtemp(join(tmpdir(), "klaw-edit-test-"));
});
afterEach(async () => {
	await api.server.close();
	await rm(cwd, { recursive: true, force: true });
});

/** Runs `klaw edit` with an editor that is a shell script; `$1` is the file, and the file `seen` is for what it saw. */
async function edit(script: string, ...argv: string[]) {
	const editor = join(cwd, "editor");
	await writeFile(editor, `#!/bin/sh\ncat "$1" >> ${cwd}/seen\n${script}\n`);
	await chmod(editor, 0o755);
	const env = { EDITOR: "false", KUBE_EDITOR: editor, PATH: process.env.PATH ?? "" };
	return runKlaw(["--server", api.server.url, "--token", "t", "edit", "agent", "a", ...argv], { env });
}
const seen = () => readFile(join(cwd, "seen"), "utf8");

describe("klaw edit", () => {
	it("sends what was changed in the editor, and nothing else", async () => {
		expect(await edit(`sed -i 's/model: old/model: new/' "$1"`)).toEqual({ code: 0, stdout: "agent.klaw.sh/a edited\n", stderr: "" });
		expect(api.server.requests.at(-1)).toMatchObject({
			path: `${AGENT}?fieldManager=klaw-edit&fieldValidation=Strict`,
			body: { spec: { model: "new" } },
		});
		expect(await seen()).toMatch(/^# Please edit the object below\. [\s\S]*\n#\napiVersion: klaw\.sh\/v1\nkind: Agent\n/);
		expect(await seen()).not.toContain("managedFields");
	});

	it.each([
		["nothing is changed", "true", "Edit cancelled, no changes made.\n"],
		["only comments are changed", 'echo "# more" >> "$1"', "Edit cancelled, no changes made.\n"],
		["only the form is changed", `sed -i 's/model: old/model:   old/' "$1"`, "Edit cancelled, no changes made.\n"],
		["the file is emptied", ': > "$1"', "Edit cancelled, saved file was empty.\n"],
	])("is cancelled when %s", async (_, script, message) => {
		expect(await edit(script)).toEqual({ code: 0, stdout: "", stderr: message });
		expect(api.writes).toEqual([]);
	});

	it("opens again with what the server said was wrong, and the changes still there", async () => {
		const causes = [{ field: "spec.model", message: 'Invalid value: "bad": no such model' }];
		api.refuse = ({ method, body }) => {
			if (method !== "PATCH" || !JSON.stringify(body).includes("bad")) return undefined;
			const refusal = failure(422, "Invalid", 'Agent.klaw.sh "a" is invalid');
			return { ...refusal, json: { ...(refusal.json as object), details: { causes } } };
		};
		const ran = await edit(`grep -q 'not valid' "$1" && sed -i 's/bad/good/' "$1" || sed -i 's/model: old/model: bad/' "$1"`);
		expect(ran).toEqual({ code: 0, stdout: "agent.klaw.sh/a edited\n", stderr: "" });
		expect(await seen()).toContain('# agents.klaw.sh "a" was not valid:\n# * spec.model: Invalid value: "bad": no such model\n#\n');
		expect(api.objects.get(AGENT).spec.model).toBe("good");
	});

	it("opens again after broken YAML, and keeps the changes when they are given up", async () => {
		const ran = await edit(`grep -q 'syntax error' "$1" || sed -i 's/model: old/model: [/' "$1"`);
		expect(ran).toMatchObject({ code: 1, stdout: "" });
		expect(ran.stderr).toMatch(
			/^A copy of your changes has been stored to "(.*)"\nerror: Edit cancelled, no valid changes were saved\.\n$/,
		);
		const kept = /"(.*)"/.exec(ran.stderr)?.[1] ?? "";
		expect(await readFile(kept, "utf8")).toContain("model: [");
		await rm(join(kept, ".."), { recursive: true });
	});

	it("an editor that fails is named", async () => {
		expect((await edit("exit 3")).stderr).toMatch(/error: there was a problem with the editor ".*editor"\n$/);
		expect(api.writes).toEqual([]);
	});
});
