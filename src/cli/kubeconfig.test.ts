import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectionOptions, findConnection } from "./kubeconfig.ts";

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "klaw-kubeconfig-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function file(path: string, text: string): Promise<string> {
	const whole = join(root, path);
	await mkdir(dirname(whole), { recursive: true });
	await writeFile(whole, text);
	return whole;
}

const config = (name: string, more = "") => `
apiVersion: v1
kind: Config
current-context: ${name}
clusters: [{name: ${name}, cluster: {server: "https://${name}.example/"}}]
users: [{name: ${name}, user: {token: token-of-${name}}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}${more}}}]
`;

const find = (options: ConnectionOptions = {}, env: Record<string, string> = {}) =>
	findConnection(options, { env, cwd: join(root, "work"), home: join(root, "home") });

describe("findConnection", () => {
	it("prefers --kubeconfig to KUBECONFIG to .klaw/kubeconfig to ~/.kube/config", async () => {
		await file("home/.kube/config", config("home"));
		expect((await find()).server).toBe("https://home.example");
		await file("work/.klaw/kubeconfig", config("clone"));
		expect((await find()).server).toBe("https://clone.example");
		const env = { KUBECONFIG: await file("env", config("env")) };
		expect((await find({}, env)).server).toBe("https://env.example");
		expect((await find({ kubeconfig: await file("flag", config("flag")) }, env)).server).toBe("https://flag.example");
	});

	it("merges the files of KUBECONFIG, the first one winning, and skips those that are missing", async () => {
		const first = await file("first", config("one", ", namespace: team"));
		const second = await file("second", `${config("two")}\n`);
		const env = { KUBECONFIG: [join(root, "missing"), first, second].join(delimiter) };
		expect(await find({}, env)).toMatchObject({ server: "https://one.example", token: "token-of-one", namespace: "team" });
		expect(await find({ context: "two" }, env)).toMatchObject({
			server: "https://two.example",
			token: "token-of-two",
			namespace: "default",
		});
	});

	it("reads a tokenFile relative to the file that names it", async () => {
		await file("etc/secret", "from-file\n");
		const kubeconfig = await file("etc/config", config("a").replace("token: token-of-a", "tokenFile: secret"));
		expect((await find({ kubeconfig })).token).toBe("from-file");
	});

	it("lets --server, --token and -n override the file, and needs no file when both are given", async () => {
		await file("home/.kube/config", config("home", ", namespace: team"));
		expect(await find({ namespace: "other" })).toMatchObject({ namespace: "other" });
		expect(await find({ token: "mine" })).toMatchObject({ server: "https://home.example", token: "mine", namespace: "team" });
		expect(await find({ server: "http://x:1/", token: "t" })).toMatchObject({ server: "http://x:1", token: "t", namespace: "default" });
	});

	it("ignores what it does not know, as in a file of kubectl", async () => {
		const text = `${config("a").replace("token: token-of-a", "token: t, client-certificate-data: abc")}\npreferences: {}\nextensions: null\n`;
		expect((await find({ kubeconfig: await file("config", text) })).token).toBe("t");
	});

	it("reads certificates as data, or from a file relative to the kubeconfig; data wins", async () => {
		await file("etc/ca.crt", "FROM FILE");
		const write = (fields: string) => file("etc/config", config("a").replace('{server: "', `{${fields}, server: "`));
		const ca = async () => (await find({ kubeconfig: join(root, "etc/config") })).tls?.ca;
		await write("certificate-authority: ca.crt");
		expect(await ca()).toBe("FROM FILE");
		await write(`certificate-authority: ca.crt, certificate-authority-data: ${btoa("AS DATA")}`);
		expect(await ca()).toBe("AS DATA");
		await write("certificate-authority: gone.crt");
		await expect(ca()).rejects.toThrow(/unable to read .*gone\.crt: there is no such file/);
	});

	it("reads how to trust the server and whom to act as, where the command line has the last word", async () => {
		const fields = "insecure-skip-tls-verify: true, tls-server-name: klaw, ";
		const text = config("a")
			.replace('{server: "', `{${fields}server: "`)
			.replace("{token: token-of-a}", "{token: t, as: jane, as-groups: [dev]}");
		const kubeconfig = await file("config", text);
		expect(await find({ kubeconfig })).toMatchObject({
			tls: { insecure: true, serverName: "klaw" },
			as: { user: "jane", groups: ["dev"] },
		});
		expect(await find({ kubeconfig, tlsServerName: "x", as: "joe", asGroup: ["ops"] })).toMatchObject({
			tls: { serverName: "x" },
			as: { user: "joe", groups: ["ops"] },
		});
		await expect(find({ kubeconfig: await file("b", config("b")), asGroup: ["ops"] })).rejects.toThrow(/without impersonating a user/);
	});

	it("takes another cluster or user of the file when it is asked to", async () => {
		const two = `${config("a").replace("users: [", "users: [{name: other, user: {token: token-of-other}}, ")}`;
		const kubeconfig = await file("config", two);
		expect((await find({ kubeconfig, user: "other" })).token).toBe("token-of-other");
		await expect(find({ kubeconfig, user: "nobody" })).rejects.toThrow(/There is no user "nobody" in .* There is other, a\./);
		await expect(find({ kubeconfig, cluster: "none" })).rejects.toThrow(/There is no cluster "none"/);
	});

	it("asks a credential plugin, relative to the kubeconfig, and tells it of the cluster", async () => {
		const plugin = await file(
			"etc/plugin",
			`#!/bin/sh\nprintf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}' "$1-$EXTRA-$(echo "$KUBERNETES_EXEC_INFO" | grep -o 'https://[^"]*')"\n`,
		);
		await chmod(plugin, 0o755);
		const exec =
			"{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [arg], env: [{name: EXTRA, value: env}], provideClusterInfo: true}}";
		const kubeconfig = await file("etc/config", config("a").replace("{token: token-of-a}", exec));
		const env = { PATH: process.env.PATH ?? "" };
		expect((await find({ kubeconfig }, env)).token).toBe("arg-env-https://a.example");
		await file(
			"etc/config",
			config("a").replace("{token: token-of-a}", exec.replace("./plugin", "./gone").replace("args", "installHint: Get it., args")),
		);
		await expect(find({ kubeconfig }, env)).rejects.toThrow(/The credential plugin .*gone failed: it was not found\.\nGet it\./);
		await file("etc/plugin", "#!/bin/sh\necho hello\n");
		await file("etc/config", config("a").replace("{token: token-of-a}", exec));
		await expect(find({ kubeconfig }, env)).rejects.toThrow(/printed something that is not JSON/);
	});

	it.each([
		["no file at all", "", /^No kubeconfig was found: .*npm start/],
		[
			"a context that is not there",
			config("a").replace("current-context: a", "current-context: b"),
			/There is no context "b" in .*There is a\./,
		],
		["no current context", config("a").replace("current-context: a", ""), /has no current-context/],
		["no token", config("a").replace("token: token-of-a", ""), /The user "a" of context "a" of .* has no token/],
		["no server", config("a").replace('server: "https://a.example/"', ""), /The cluster "a" .* has no server/],
		["a missing tokenFile", config("a").replace("token: token-of-a", "tokenFile: gone"), /The tokenFile .*gone .* does not exist/],
		["broken YAML", "clusters: [", /is not valid YAML/],
		["another shape", "clusters: 3", /is not a kubeconfig/],
	])("%s is said in a sentence", async (_, text, message) => {
		if (text !== "") await file("home/.kube/config", text);
		await expect(find()).rejects.toThrow(message);
	});

	it("a file that was named and is missing is not replaced by another", async () => {
		await file("home/.kube/config", config("home"));
		await expect(find({ kubeconfig: "gone" })).rejects.toThrow(/gone of --kubeconfig does not exist/);
		await expect(find({}, { KUBECONFIG: "/gone/config" })).rejects.toThrow(/KUBECONFIG names \/gone\/config/);
	});
});
