import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { failure } from "../../../test/fakes/api-server.ts";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";

let api: ResourceApi;
let cwd: string;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	cwd = await mkdtemp(join(tmpdir(), "klaw-create-"));
});
afterEach(async () => {
	await api.server.close();
	await rm(cwd, { recursive: true, force: true });
});

const klaw = (argv: string[], stdin = "", env = {}) =>
	runKlaw(["--server", api.server.url, "--token", "t", "create", ...argv], { stdin, cwd, env });
/** What the command would send. */
const shown = async (...argv: string[]) => parse((await klaw([...argv, "--dry-run=client", "-o", "yaml"])).stdout);

describe("klaw create -f", () => {
	it("creates what files describe, with names that the server makes up too", async () => {
		const text =
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n---\napiVersion: klaw.sh/v1\nkind: Task\nmetadata: {generateName: t-}\n";
		api.refuse = ({ path, body }) =>
			path.includes("/tasks") ? { status: 201, json: { ...(body as object), metadata: { name: "t-x7k2p" } } } : undefined;
		expect(await klaw(["-f", "-"], text)).toEqual({ code: 0, stdout: "configmap/m created\ntask.klaw.sh/t-x7k2p created\n", stderr: "" });
	});

	it("an object that exists already is an error that names the file", async () => {
		api.put("/api/v1/namespaces/default/configmaps/m", { metadata: { name: "m" } });
		expect((await klaw(["-f", "-"], "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n")).stderr).toBe(
			'Error from server (AlreadyExists): error when creating "STDIN": configmaps "m" already exists\n',
		);
	});
});

describe("klaw create", () => {
	// As printed by kubectl 1.32.
	it.each([
		[["namespace", "n"], { kind: "Namespace", spec: {}, status: {} }],
		[["secret", "generic", "n", "--from-literal=a=b", "--from-literal=c=d=e"], { kind: "Secret", data: { a: "Yg==", c: "ZD1l" } }],
		[["configmap", "n", "--from-literal=a=b"], { kind: "ConfigMap", data: { a: "b" } }],
		[["sa", "n"], { kind: "ServiceAccount" }],
		[
			["quota", "n", "--hard=pods=3,count/agents.klaw.sh=1", "--scopes=BestEffort"],
			{ kind: "ResourceQuota", spec: { hard: { pods: "3", "count/agents.klaw.sh": "1" }, scopes: ["BestEffort"] }, status: {} },
		],
		[
			["clusterrole", "n", "--aggregation-rule=a=b"],
			{
				apiVersion: "rbac.authorization.k8s.io/v1",
				kind: "ClusterRole",
				rules: null,
				aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
			},
		],
		[
			["clusterrole", "n", "--verb=get", "--non-resource-url=/x"],
			{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", rules: [{ nonResourceURLs: ["/x"], verbs: ["get"] }] },
		],
		[
			["role", "n", "--verb=get,list", "--verb=watch", "--resource=ag,pods/log"],
			{
				apiVersion: "rbac.authorization.k8s.io/v1",
				kind: "Role",
				rules: [
					{ apiGroups: ["klaw.sh"], resources: ["agents"], verbs: ["get", "list", "watch"] },
					{ apiGroups: [""], resources: ["pods/log"], verbs: ["get", "list", "watch"] },
				],
			},
		],
		[
			["rolebinding", "n", "--clusterrole=view", "--user=u", "--group=g", "--serviceaccount=ns:sa"],
			{
				apiVersion: "rbac.authorization.k8s.io/v1",
				kind: "RoleBinding",
				roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
				subjects: [
					{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "u" },
					{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "g" },
					{ kind: "ServiceAccount", name: "sa", namespace: "ns" },
				],
			},
		],
		[
			["agent", "n", "--model", "offline/shell", "--tools", "bash, read"],
			{ apiVersion: "klaw.sh/v1", kind: "Agent", spec: { model: "offline/shell", tools: ["bash", "read"] } },
		],
		[["task", "n", "--agent=a", "--prompt=do it"], { apiVersion: "klaw.sh/v1", kind: "Task", spec: { agent: "a", prompt: "do it" } }],
	])("%j makes the object that kubectl makes", async (argv, object) => {
		expect(await shown(...argv)).toEqual({ apiVersion: "v1", metadata: { creationTimestamp: null, name: "n" }, ...object });
		expect(api.writes).toEqual([]);
	});

	it("sends it to the chosen namespace, and says so", async () => {
		expect(await klaw(["agent", "a", "-n", "team", "--save-config"])).toEqual({ code: 0, stdout: "agent.klaw.sh/a created\n", stderr: "" });
		const stored = api.objects.get("/apis/klaw.sh/v1/namespaces/team/agents/a");
		expect(stored.metadata.namespace).toBe("team");
		expect(stored.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]).toContain('"kind":"Agent"');
	});

	it("reads entries of files, directories and env files", async () => {
		await mkdir(join(cwd, "d"));
		await writeFile(join(cwd, "d", "one"), "1");
		await writeFile(join(cwd, "d", "bytes"), Buffer.from([0xff, 0xfe]));
		await writeFile(join(cwd, "e"), "# comment\nA=1\n\nB = x\nFROM_ENV\n".replace("B = x\n", "B=x=y\n"));
		const fromDir = await shown("configmap", "n", "--from-file=d", "--from-file=other=d/one");
		expect(fromDir).toMatchObject({ data: { one: "1", other: "1" }, binaryData: { bytes: "//4=" } });
		const ran = await klaw(["cm", "n", "--from-env-file=e", "--dry-run=client", "-ojson"], "", { FROM_ENV: "set" });
		expect(JSON.parse(ran.stdout).data).toEqual({ A: "1", B: "x=y", FROM_ENV: "set" });
	});

	it.each([
		[["configmap"], "exactly one NAME is required, got 0\nSee 'klaw create configmap -h' for help and examples"],
		[["ns", "a", "b"], "exactly one NAME is required, got 2\nSee 'klaw create namespace -h' for help and examples"],
		[["role", "r", "--verb=get"], "at least one resource must be specified"],
		[["role", "r", "--resource=pods"], "at least one verb must be specified"],
		[["role", "r", "--verb=get", "--resource=nope"], `the server doesn't have a resource type "nope"`],
		[["rolebinding", "r"], "exactly one of clusterrole or role must be specified"],
		[["rolebinding", "r", "--role=b", "--serviceaccount=x"], "serviceaccount must be <namespace>:<name>"],
		[["secret", "generic", "s", "--from-literal=a"], "invalid literal source a, expected key=value"],
		[["cm", "s", "--from-literal=a=b", "--from-literal=a=c"], "cannot add key a, another key by that name already exists"],
		[["cm", "c", "--from-file=gone"], "error reading gone: no such file or directory"],
		[["quota", "q", "--hard=pods"], "Invalid argument syntax pods, expected <resource>=<value>"],
		[["agent", "a", "--instructions=x", "--instructions-file=y"], "Give either --instructions or --instructions-file, not both."],
	])("klaw create %j is refused", async (argv, message) => {
		expect(await klaw(argv)).toEqual({ code: 1, stdout: "", stderr: `error: ${message}\n` });
	});

	it("a refusal of the server is passed on", async () => {
		const invalid = failure(422, "Invalid", 'Agent.klaw.sh "a/b" is invalid: …');
		const cause = (field: string) => ({ field, message: "Invalid value" });
		const refuse = (...causes: object[]) => {
			const details = { kind: "Agent", group: "klaw.sh", name: "a/b", causes };
			api.refuse = () => ({ ...invalid, json: { ...(invalid.json as object), details } });
		};
		refuse(cause("metadata.name"));
		expect((await klaw(["agent", "a/b"])).stderr).toBe('The Agent "a/b" is invalid: metadata.name: Invalid value\n');
		refuse(cause("metadata.name"), cause("spec.model"));
		expect((await klaw(["agent", "a/b"])).stderr).toBe(
			'The Agent "a/b" is invalid: \n* metadata.name: Invalid value\n* spec.model: Invalid value\n',
		);
		api.refuse = () => failure(403, "Forbidden", "no");
		expect((await klaw(["agent", "a"])).stderr).toBe("Error from server (Forbidden): no\n");
		expect((await klaw(["cm", "a"])).stderr).toBe("error: failed to create configmap: no\n");
	});
});

describe("klaw create token", () => {
	it("prints the token alone", async () => {
		api.refuse = ({ path }) =>
			path.endsWith("/token") ? { status: 201, json: { status: { token: "header.claims.signature" } } } : undefined;
		const ran = await klaw([
			"token",
			"bot",
			"-n",
			"team",
			"--duration=1h",
			"--audience=a",
			"--audience=b",
			"--bound-object-kind=Pod",
			"--bound-object-name=p",
		]);
		expect(ran).toEqual({ code: 0, stdout: "header.claims.signature\n", stderr: "" });
		expect(api.server.requests.at(-1)).toMatchObject({
			method: "POST",
			path: "/api/v1/namespaces/team/serviceaccounts/bot/token",
			body: {
				apiVersion: "authentication.k8s.io/v1",
				kind: "TokenRequest",
				spec: { audiences: ["a", "b"], expirationSeconds: 3600, boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p" } },
			},
		});
	});

	it("is refused for an object of another kind", async () => {
		expect((await klaw(["token", "bot", "--bound-object-kind=Agent"])).stderr).toBe(
			"error: supported --bound-object-kind values are Node, Pod, Secret\n",
		);
	});
});

it("klaw create cluster adds a context for it to the kubeconfig", async () => {
	const file = join(cwd, "kubeconfig");
	const text = `# mine
apiVersion: v1
kind: Config
current-context: local
clusters: [{name: local, cluster: {server: "${api.server.url}", tls-server-name: klaw}}]
users: [{name: admin, user: {token: t}}]
contexts: [{name: local, context: {cluster: local, user: admin}}]
`;
	await writeFile(file, text, { mode: 0o600 });
	const ran = await runKlaw(["--kubeconfig", file, "create", "cluster", "blue"], { cwd });
	expect(ran).toMatchObject({ code: 0, stdout: "cluster.klaw.sh/blue created\n" });
	const written = await readFile(file, "utf8");
	expect(written.startsWith("# mine\n")).toBe(true);
	expect(parse(written)).toMatchObject({
		"current-context": "local",
		clusters: [{ name: "local" }, { name: "blue", cluster: { server: `${api.server.url}/clusters/blue`, "tls-server-name": "klaw" } }],
		contexts: [{ name: "local" }, { name: "blue", context: { cluster: "blue", user: "admin", namespace: "default" } }],
	});
});
