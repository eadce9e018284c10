import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runKlaw } from "../test-io.ts";

let cwd: string;
let file: string;
beforeEach(async () => {
	cwd = await mkdtemp(join(tmpdir(), "klaw-config-"));
	file = join(cwd, "config");
	await writeFile(
		file,
		`# my clusters
apiVersion: v1
kind: Config
current-context: one
clusters:
  - name: one
    cluster:
      server: https://one.example # the first
      proxy-url: http://proxy
      certificate-authority-data: Q0E=
users:
  - name: u
    user: {token: secret-token}
contexts:
  - {name: one, context: {cluster: one, user: u}}
  - {name: two, context: {cluster: one, user: u, namespace: team}}
extensions: [{name: x, extension: {a: 1}}]
`,
	);
	await chmod(file, 0o640);
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const config = (...argv: string[]) => runKlaw(["--kubeconfig", file, "config", ...argv], { cwd });
const stored = async () => parse(await readFile(file, "utf8"));

describe("klaw config", () => {
	it("view shows everything but secrets, as kubectl does", async () => {
		expect(await config("view")).toEqual({
			code: 0,
			stderr: "",
			stdout: `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: DATA+OMITTED
    proxy-url: http://proxy
    server: https://one.example
  name: one
contexts:
- context:
    cluster: one
    user: u
  name: one
- context:
    cluster: one
    namespace: team
    user: u
  name: two
current-context: one
kind: Config
preferences: {}
users:
- name: u
  user:
    token: REDACTED
`,
		});
		expect((await config("view", "--raw", "--minify", "-o", "json")).stdout).toContain('"token": "secret-token"');
		expect(JSON.parse((await config("view", "--minify", "-ojson")).stdout).contexts).toHaveLength(1);
		expect((await config("view", "-o", "jsonpath={.contexts[1].name}")).stdout).toBe("two");
	});

	it("lists contexts with a mark at the current one, and names it", async () => {
		expect((await config("get-contexts")).stdout).toBe(
			"CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         one    one       u          \n          two    one       u          team\n",
		);
		expect((await config("get-contexts", "-o", "name")).stdout).toBe("one\ntwo\n");
		expect(await config("get-contexts", "nope")).toMatchObject({ code: 1, stderr: "error: context nope not found\n" });
		expect((await config("current-context")).stdout).toBe("one\n");
		expect((await config("get-clusters")).stdout).toBe("NAME\none\n");
		expect((await config("get-users")).stdout).toBe("NAME\nu\n");
	});

	it("switches, and keeps comments, unknown fields and the file's mode", async () => {
		expect(await config("use-context", "two")).toEqual({ code: 0, stdout: 'Switched to context "two".\n', stderr: "" });
		const text = await readFile(file, "utf8");
		expect(text).toMatch(/^# my clusters\n[\s\S]*current-context: two\n[\s\S]*# the first\n[\s\S]*extensions: \[/);
		expect((await stored()).clusters[0].cluster["proxy-url"]).toBe("http://proxy");
		expect((await stat(file)).mode & 0o777).toBe(0o640);
		expect((await config("use-context", "nope")).stderr).toBe('error: no context exists with the name: "nope"\n');
	});

	it("set-context changes one field, makes a context, and takes --current", async () => {
		expect((await config("set-context", "--current", "--namespace=blue")).stdout).toBe('Context "one" modified.\n');
		expect((await config("set-context", "three", "--cluster=one", "--user", "u")).stdout).toBe('Context "three" created.\n');
		expect((await stored()).contexts).toEqual([
			{ name: "one", context: { cluster: "one", user: "u", namespace: "blue" } },
			{ name: "two", context: { cluster: "one", user: "u", namespace: "team" } },
			{ name: "three", context: { cluster: "one", user: "u" } },
		]);
		expect((await config("set-context")).stderr).toBe("error: you must specify a non-empty context name or --current\n");
		expect((await config("set-context", "a", "--current")).stderr).toBe("error: you cannot specify both a context name and --current\n");
	});

	it("set-cluster and set-credentials make and change entries", async () => {
		await writeFile(join(cwd, "ca.crt"), "CERTIFICATE");
		expect(
			(await config("set-cluster", "c", "--server=https://c.example/", "--certificate-authority=ca.crt", "--embed-certs")).stdout,
		).toBe('Cluster "c" set.\n');
		expect((await stored()).clusters[1].cluster).toEqual({
			server: "https://c.example",
			"certificate-authority-data": Buffer.from("CERTIFICATE").toString("base64"),
		});
		await config("set-cluster", "c", "--insecure-skip-tls-verify=true");
		expect((await stored()).clusters[1].cluster).toEqual({ server: "https://c.example", "insecure-skip-tls-verify": true });
		expect((await config("set-credentials", "v", "--token", "t2")).stdout).toBe('User "v" set.\n');
		expect((await stored()).users[1]).toEqual({ name: "v", user: { token: "t2" } });
		expect((await config("set-cluster", "c", "--certificate-authority=ca.crt", "--insecure-skip-tls-verify")).stderr).toBe(
			"error: you cannot specify a certificate authority and insecure mode at the same time\n",
		);
	});

	it("renames and deletes contexts, clusters and users", async () => {
		expect((await config("rename-context", "one", "uno")).stdout).toBe('Context "one" renamed to "uno".\n');
		expect((await config("current-context")).stdout).toBe("uno\n");
		expect((await config("rename-context", "one", "x")).stderr).toBe(`error: cannot rename the context "one", it's not in ${file}\n`);
		expect(await config("delete-context", "uno")).toEqual({
			code: 0,
			stdout: `deleted context uno from ${file}\n`,
			stderr: 'warning: this removed your active context, use "klaw config use-context" to select a different one\n',
		});
		expect((await config("delete-cluster", "one")).stdout).toBe(`deleted cluster one from ${file}\n`);
		expect((await config("delete-user", "u")).stdout).toBe(`deleted user u from ${file}\n`);
		expect((await config("delete-user", "u")).stderr).toBe(`error: cannot delete user u, not in ${file}\n`);
		expect(await stored()).toMatchObject({ clusters: [], users: [], contexts: [{ name: "two" }] });
	});

	it("changes each entry in the file of KUBECONFIG that has it, and makes a new file private", async () => {
		const fresh = join(cwd, "dir", "fresh");
		const env = { KUBECONFIG: [join(cwd, "other"), file].join(delimiter) };
		await writeFile(join(cwd, "other"), "apiVersion: v1\nkind: Config\n");
		await runKlaw(["config", "set-context", "two", "--namespace=x"], { env, cwd });
		await runKlaw(["config", "set-context", "new", "--namespace=y"], { env, cwd });
		expect((await stored()).contexts[1].context.namespace).toBe("x");
		expect(parse(await readFile(join(cwd, "other"), "utf8")).contexts).toEqual([
			{ name: "new", context: { cluster: "", user: "", namespace: "y" } },
		]);
		await runKlaw(["--kubeconfig", fresh, "config", "set-credentials", "u", "--token=t"], { cwd });
		expect((await stat(fresh)).mode & 0o777).toBe(0o600);
		expect(parse(await readFile(fresh, "utf8"))).toMatchObject({ apiVersion: "v1", kind: "Config", users: [{ name: "u" }] });
	});
});
