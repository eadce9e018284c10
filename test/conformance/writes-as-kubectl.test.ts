import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KLAW, Klaw } from "../e2e/klaw-process.ts";

/**
 * Commands that write, one after the other, each by kubectl in one namespace and by klaw in another. What they print
 * and how they end is to be the same.
 */
const COMMANDS: readonly (readonly string[])[] = [
	["apply", "-f", "a.yaml"],
	["apply", "-f", "a.yaml"],
	["diff", "-f", "a.yaml"],
	["diff", "-f", "b.yaml"],
	["apply", "-f", "b.yaml", "--dry-run=server"],
	["apply", "-f", "b.yaml", "--dry-run=client"],
	["apply", "-f", "b.yaml"],
	["apply", "-f", "unknown-field.yaml"],
	["apply", "-f", "unknown-field.yaml", "--validate=warn"],
	["apply", "-f", "invalid.yaml"],
	["apply", "-f", "a.yaml", "--server-side"],
	["edit", "agent", "a"],
	["edit", "agent", "gone"],
	["patch", "agent", "a", "--type=merge", "-p", '{"spec":{"model":"offline/x"}}'],
	["patch", "agent", "a", "--type=merge", "-p", '{"spec":{"model":"offline/x"}}'],
	["patch", "agent", "a", "-p", '{"spec":{"model":"offline/y"}}'],
	["patch", "agent", "a", "--type=json", "-p", '[{"op":"test","path":"/spec/model","value":"no"}]'],
	["patch", "configmap", "m", "-p", '{"data":{"k":"w"}}'],
	["label", "agent", "a", "team=red"],
	["label", "agent", "a", "team=blue"],
	["label", "agent", "a", "team=blue", "--overwrite"],
	["label", "agent", "a", "gone-"],
	// kubectl lists several labels in any order.
	["label", "configmaps", "--all", "--list"],
	["annotate", "agent", "a", "n=1"],
	["annotate", "agent", "a", "n=2"],
	["create", "namespace", "Bad_Name"],
	["create", "secret", "generic", "s", "--from-literal=a=b"],
	["create", "configmap", "m", "--from-literal=a=b"],
	["create", "serviceaccount", "bot"],
	["create", "role", "r", "--verb=get,list", "--resource=agents,pods/log"],
	["create", "role", "r2", "--verb=get", "--resource=agents", "--dry-run=client", "-o", "yaml"],
	["create", "rolebinding", "rb", "--role=r", "--serviceaccount=default:bot"],
	["create", "rolebinding", "rb"],
	["create", "quota", "q", "--hard=count/agents.klaw.sh=50,pods=3"],
	["create", "token", "gone"],
	["create", "-f", "invalid.yaml"],
	["create", "-f", "a.yaml"],
	["replace", "-f", "a.yaml"],
	["replace", "--force", "-f", "a.yaml"],
	["delete", "agent", "gone"],
	["delete", "agents"],
	["delete", "agent", "a", "--dry-run=client"],
	["delete", "configmap,secret", "--all", "--dry-run=server"],
	["delete", "-f", "a.yaml"],
	["delete", "role/r", "rolebinding/rb"],
	["delete", "serviceaccount", "bot", "--wait=false"],
	["delete", "quota", "--all"],
	["delete", "agents", "-l", "team=none"],
	["delete", "nothings", "x"],
];

const agent = (spec: string) =>
	`apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: a, labels: {env: prod}}\nspec: {${spec}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {k: v}\n`;

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--no-node"] });
	await klaw.cli(["create", "namespace", "by-kubectl"]);
	await klaw.cli(["create", "namespace", "by-klaw"]);
	const files = {
		"a.yaml": agent("instructions: x, model: offline/shell"),
		"b.yaml": agent("instructions: z, model: offline/shell"),
		"unknown-field.yaml": "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: u}\nspec: {instructionz: x}\n",
		"invalid.yaml": "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: i}\nspec: {instructions: 4, model: 3}\n",
		"editor.sh": `#!/bin/sh\nsed -i 's,model: .*,model: offline/edited,' "$1"\n`,
	};
	for (const [name, text] of Object.entries(files)) await writeFile(join(klaw.dir, name), text);
	await chmod(join(klaw.dir, "editor.sh"), 0o755);
});
afterAll(() => klaw?.remove());

it("klaw prints what kubectl prints, and ends as it does", { timeout: 300_000 }, async () => {
	const [kubectl, own] = await Promise.all([runAll("kubectl", [], "by-kubectl"), runAll(process.execPath, [KLAW], "by-klaw")]);
	expect(own).toEqual(kubectl);
});

/** What each command ended with and printed, without what differs from one object and moment to another. */
async function runAll(program: string, before: string[], namespace: string) {
	const results: { command: string; code: number; stdout: string; stderr: string }[] = [];
	for (const command of COMMANDS) {
		const args = [...before, "--kubeconfig", join(klaw.data, "kubeconfig"), ...command, "-n", namespace];
		const env = { PATH: process.env.PATH, HOME: klaw.dir, KUBE_EDITOR: join(klaw.dir, "editor.sh") };
		const ran = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
			const child = execFile(program, args, { cwd: klaw.dir, env }, (error, stdout, stderr) =>
				resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
			);
			child.stdin?.end();
		});
		const common = (text: string) =>
			text
				.replaceAll(namespace, "NAMESPACE")
				.replaceAll("kubectl-", "klaw-")
				.replace(/^(diff|---|\+\+\+) .*\n/gm, "")
				.replace(/(uid|resourceVersion|time|creationTimestamp|lastTransitionTime): .*/g, "$1: …");
		results.push({ command: command.join(" "), code: ran.code, stdout: common(ran.stdout), stderr: common(ran.stderr) });
	}
	return results;
}
