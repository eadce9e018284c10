import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../test/fakes/api-server.ts";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";
import { LAST_APPLIED } from "../write/last-applied.ts";

const AGENTS = "/apis/klaw.sh/v1/namespaces/default/agents";
const yaml = (name: string, spec = "{instructions: x}", more = "") =>
	`apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: ${name}${more}}\nspec: ${spec}\n---\n`;

let api: ResourceApi;
let cwd: string;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	cwd = await mkdtemp(join(tmpdir(), "klaw-apply-"));
});
afterEach(async () => {
	await api.server.close();
	await rm(cwd, { recursive: true, force: true });
});

const klaw = (argv: string[], stdin = "") => runKlaw(["--server", api.server.url, "--token", "t", ...argv], { stdin, cwd });
const apply = (text: string, ...flags: string[]) => klaw(["apply", "-f", "-", ...flags], text);

describe("klaw apply", () => {
	it("says of each object whether it was created, configured or left as it was", async () => {
		expect(await apply(yaml("a"))).toEqual({ code: 0, stdout: "agent.klaw.sh/a created\n", stderr: "" });
		expect(await apply(yaml("a"))).toEqual({ code: 0, stdout: "agent.klaw.sh/a unchanged\n", stderr: "" });
		expect(await apply(yaml("a", "{instructions: y}") + yaml("b"))).toEqual({
			code: 0,
			stdout: "agent.klaw.sh/a configured\nagent.klaw.sh/b created\n",
			stderr: "",
		});
		expect(api.objects.get(`${AGENTS}/a`).spec).toEqual({ instructions: "y" });
	});

	it("notes what it was given byte for byte as kubectl does", async () => {
		await apply(yaml("a", "{instructions: <b>, model: m}"));
		expect(api.objects.get(`${AGENTS}/a`).metadata.annotations[LAST_APPLIED]).toBe(
			'{"apiVersion":"klaw.sh/v1","kind":"Agent","metadata":{"annotations":{},"name":"a","namespace":"default"},"spec":{"instructions":"\\u003cb\\u003e","model":"m"}}\n',
		);
	});

	it("removes what the file before had, and leaves what others have set", async () => {
		await apply(yaml("a", "{instructions: x, model: m}"));
		const stored = api.objects.get(`${AGENTS}/a`);
		api.put(`${AGENTS}/a`, { ...stored, spec: { ...stored.spec, approval: "always" }, status: { phase: "Idle" } });
		expect((await apply(yaml("a", "{instructions: x}"))).stdout).toBe("agent.klaw.sh/a configured\n");
		expect(api.objects.get(`${AGENTS}/a`)).toMatchObject({ spec: { instructions: "x", approval: "always" }, status: { phase: "Idle" } });
		expect(api.objects.get(`${AGENTS}/a`).spec.model).toBeUndefined();
	});

	it("warns of an object that was not made by apply", async () => {
		api.put(`${AGENTS}/a`, {
			apiVersion: "klaw.sh/v1",
			kind: "Agent",
			metadata: { name: "a", namespace: "default" },
			spec: { instructions: "x" },
		});
		const ran = await apply(yaml("a"));
		expect(ran).toMatchObject({ code: 0, stdout: "agent.klaw.sh/a configured\n" });
		expect(ran.stderr).toMatch(
			/^Warning: resource agents\/a is missing the kubectl\.kubernetes\.io\/last-applied-configuration annotation/,
		);
	});

	it("with --dry-run writes nothing, and says so", async () => {
		expect((await apply(yaml("a"), "--dry-run=client")).stdout).toBe("agent.klaw.sh/a created (dry run)\n");
		expect((await apply(yaml("a"), "--dry-run")).stdout).toBe("agent.klaw.sh/a created (dry run)\n");
		expect(api.writes).toEqual([]);
		expect((await apply(yaml("a"), "--dry-run=server")).stdout).toBe("agent.klaw.sh/a created (server dry run)\n");
		expect(api.objects.size).toBe(0);
	});

	it("tells the server who applies and how strict to be", async () => {
		await apply(yaml("a"), "--validate=warn");
		await apply(yaml("b"), "--validate=false", "--field-manager=me");
		expect(api.writes).toEqual([
			`POST ${AGENTS}?fieldManager=klaw-client-side-apply&fieldValidation=Warn`,
			`POST ${AGENTS}?fieldManager=me&fieldValidation=Ignore`,
		]);
	});

	it("reads every file of a directory, and those below with -R", async () => {
		await mkdir(join(cwd, "d", "deep"), { recursive: true });
		await writeFile(join(cwd, "d", "a.yaml"), yaml("a"));
		await writeFile(join(cwd, "d", "deep", "b.json"), JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b" } }));
		expect((await klaw(["apply", "-f", "d"])).stdout).toBe("agent.klaw.sh/a created\n");
		expect((await klaw(["apply", "-Rf", "d"])).stdout).toBe("agent.klaw.sh/a unchanged\nconfigmap/b created\n");
	});

	it("one object that is refused does not hold up the others", async () => {
		const ran = await apply(`apiVersion: v1\nkind: Volume\nmetadata: {name: v}\n---\n${yaml("b")}`);
		expect(ran).toEqual({
			code: 1,
			stdout: "agent.klaw.sh/b created\n",
			stderr:
				'error: resource mapping not found for name: "v" namespace: "" from "STDIN": no matches for kind "Volume" in version "v1"\nensure CRDs are installed first\n',
		});
	});

	it("a refusal names the file it is about", async () => {
		await writeFile(join(cwd, "a.yaml"), yaml("a"));
		api.refuse = ({ method }) => (method === "POST" ? failure(403, "Forbidden", "exceeded quota: q") : undefined);
		expect((await klaw(["apply", "-f", "a.yaml"])).stderr).toBe(
			'Error from server (Forbidden): error when creating "a.yaml": exceeded quota: q\n',
		);
	});

	it("begins again when another write came between", async () => {
		await apply(yaml("a"));
		let refusals = 0;
		api.refuse = ({ method }) => (method === "PATCH" && refusals++ < 2 ? failure(409, "Conflict", "it has been modified") : undefined);
		expect(await apply(yaml("a", "{instructions: y}"))).toEqual({ code: 0, stdout: "agent.klaw.sh/a configured\n", stderr: "" });
		expect(refusals).toBe(3);
	});

	it("an object in another namespace than -n is refused, and its own namespace is taken otherwise", async () => {
		const ran = await apply(yaml("a", "{}", ", namespace: other"), "-n", "team");
		expect(ran.stderr).toBe(
			'error: the namespace from the provided object "other" does not match the namespace "team". You must pass \'--namespace=other\' to perform this operation.\n',
		);
		await apply(yaml("a", "{}", ", namespace: other"));
		expect([...api.objects.keys()]).toEqual(["/apis/klaw.sh/v1/namespaces/other/agents/a"]);
	});

	it("without a file says what is missing", async () => {
		expect(await klaw(["apply"])).toEqual({ code: 1, stdout: "", stderr: "error: must specify one of -f and -k\n" });
	});

	it("prints the objects with -o", async () => {
		expect((await apply(yaml("a"), "-o", "name")).stdout).toBe("agent.klaw.sh/a\n");
		expect((await apply(yaml("a"), "-o=jsonpath={.spec.instructions}")).stdout).toBe("x");
		const list = (await apply(yaml("a") + yaml("b"), "-o", "json")).stdout;
		expect(JSON.parse(list)).toMatchObject({
			apiVersion: "v1",
			kind: "List",
			items: [{ metadata: { name: "a" } }, { metadata: { name: "b" } }],
		});
	});
});

describe("klaw apply --server-side", () => {
	it("sends the file as it is, with klaw as the manager of its fields", async () => {
		expect(await apply(yaml("a"), "--server-side")).toEqual({ code: 0, stdout: "agent.klaw.sh/a serverside-applied\n", stderr: "" });
		const { method, path, headers, body } = api.server.requests.at(-1) ?? {};
		expect([method, path, headers?.["content-type"]]).toEqual([
			"PATCH",
			`${AGENTS}/a?fieldManager=klaw&fieldValidation=Strict`,
			"application/apply-patch+yaml",
		]);
		expect(body).toEqual({
			apiVersion: "klaw.sh/v1",
			kind: "Agent",
			metadata: { name: "a", namespace: "default" },
			spec: { instructions: "x" },
		});
	});

	it("a conflict is told with the ways out of it, and --force-conflicts is one", async () => {
		const message = 'Apply failed with 1 conflict: conflict with "kubectl-edit" using klaw.sh/v1: .spec.model';
		const refusal = failure(409, "Conflict", message);
		const details = { causes: [{ reason: "FieldManagerConflict", field: ".spec.model", message: 'conflict with "kubectl-edit"' }] };
		api.refuse = ({ method, path }) =>
			method === "PATCH" && !path.includes("force=true") ? { ...refusal, json: { ...(refusal.json as object), details } } : undefined;
		const ran = await apply(yaml("a"), "--server-side");
		expect(ran.code).toBe(1);
		expect(ran.stderr).toMatch(
			/^error: Apply failed with 1 conflict: conflict with "kubectl-edit" using klaw\.sh\/v1: \.spec\.model\nPlease review/,
		);
		expect((await apply(yaml("a"), "--server-side", "--force-conflicts")).stdout).toBe("agent.klaw.sh/a serverside-applied\n");
	});

	it("does not go with what only the client could do", async () => {
		expect((await apply(yaml("a"), "--server-side", "--dry-run=client")).stderr).toContain(
			"--dry-run=client doesn't work with --server-side",
		);
		expect((await apply(yaml("a"), "--force-conflicts")).stderr).toBe("error: --force-conflicts only works with --server-side\n");
	});
});

describe("klaw diff", () => {
	const diff = (text: string, ...flags: string[]) => klaw(["diff", "-f", "-", ...flags], text);

	it("ends with 0 when nothing would change, and with 1 and the difference otherwise", async () => {
		await apply(yaml("a"));
		const before = api.objects.get(`${AGENTS}/a`);
		expect(await diff(yaml("a"))).toEqual({ code: 0, stdout: "", stderr: "" });
		const ran = await diff(yaml("a", "{instructions: z}"));
		expect(ran.code).toBe(1);
		expect(ran.stdout).toMatch(/LIVE\/klaw\.sh\.v1\.Agent\.default\.a/);
		expect(ran.stdout).toContain("\n-  instructions: x\n+  instructions: z\n");
		expect(api.objects.get(`${AGENTS}/a`)).toEqual(before);
	});

	it("shows an object that is not there yet as new", async () => {
		const ran = await diff(yaml("a"));
		expect(ran.code).toBe(1);
		expect(ran.stdout).toContain("+kind: Agent\n");
		expect(api.objects.size).toBe(0);
	});

	it("runs the program that the user named, and ends above 1 when it fails", async () => {
		const run = (program: string) =>
			runKlaw(["--server", api.server.url, "--token", "t", "diff", "-f", "-"], {
				stdin: yaml("a"),
				env: { KUBECTL_EXTERNAL_DIFF: program, PATH: process.env.PATH ?? "" },
			});
		expect(await run("false")).toMatchObject({ code: 1, stdout: "" });
		expect(await run("echo differs in")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^differs in \S+LIVE \S+MERGED\n$/) });
		expect((await run("no-such-program")).code).toBe(2);
		expect((await diff("kind: 3")).code).toBe(2);
	});

	it("never shows the values of secrets", async () => {
		const secret = (data: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: ${data}\n`;
		await apply(secret("{a: b2xk, same: c2FtZQ==}"));
		const { stdout } = await diff(secret("{a: bmV3, same: c2FtZQ==}"));
		expect(stdout).toContain("-  a: '*** (before)'\n+  a: '*** (after)'\n   same: '***'\n");
		expect(stdout).not.toMatch(/^[+-] {2}a: b/m);
	});
});
