import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
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
