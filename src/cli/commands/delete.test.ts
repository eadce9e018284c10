import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";

const AGENTS = "/apis/klaw.sh/v1/namespaces/default/agents";

let api: ResourceApi;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	for (const [name, team] of [
		["a", "red"],
		["b", "red"],
		["c", "blue"],
	] as const)
		api.put(`${AGENTS}/${name}`, { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name, namespace: "default", labels: { team } } });
});
afterEach(() => api.server.close());

const klaw = (argv: string[], stdin = "") => runKlaw(["--server", api.server.url, "--token", "t", ...argv], { stdin });
const left = () => [...api.objects.keys()].map((path) => path.split("/").at(-1));

describe("klaw delete", () => {
	it("deletes by name, by TYPE/NAME, by label, by file, and all of a kind", async () => {
		expect(await klaw(["delete", "agent", "a"])).toEqual({ code: 0, stdout: 'agent.klaw.sh "a" deleted\n', stderr: "" });
		expect((await klaw(["delete", "ag/b"])).stdout).toBe('agent.klaw.sh "b" deleted\n');
		expect((await klaw(["delete", "agents", "-l", "team=blue"])).stdout).toBe('agent.klaw.sh "c" deleted\n');
		api.put("/api/v1/namespaces/default/configmaps/m", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } });
		api.put("/api/v1/namespaces/default/pods/p", { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default" } });
		const file = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
		expect((await klaw(["delete", "-f", "-"], file)).stdout).toBe('configmap "m" deleted\n');
		expect((await klaw(["delete", "pods", "--all"])).stdout).toBe('pod "p" deleted\n');
		expect(left()).toEqual([]);
	});

	it("never means all of a kind unless it is said", async () => {
		expect((await klaw(["delete", "agents"])).stderr).toBe("error: resource(s) were provided, but no name was specified\n");
		expect((await klaw(["delete"])).stderr).toMatch(/^error: You must provide one or more resources by argument or filename\./);
		expect((await klaw(["delete", "agents", "a", "--all"])).stderr).toBe("error: name cannot be provided when a selector is specified\n");
		expect(left()).toEqual(["a", "b", "c"]);
	});

	it("what is not there is an error, and with --ignore-not-found none; the others are deleted all the same", async () => {
		const ran = await klaw(["delete", "agents", "gone", "a"]);
		expect(ran).toEqual({
			code: 1,
			stdout: 'agent.klaw.sh "a" deleted\n',
			stderr: 'Error from server (NotFound): agents.klaw.sh "gone" not found\n',
		});
		const file = "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: gone}\n";
		expect((await klaw(["delete", "-f", "-"], file)).stderr).toBe(
			'Error from server (NotFound): error when deleting "STDIN": agents.klaw.sh "gone" not found\n',
		);
		expect(await klaw(["delete", "agent", "gone", "--ignore-not-found"])).toEqual({ code: 0, stdout: "", stderr: "" });
		expect(await klaw(["delete", "tasks", "--all"])).toEqual({ code: 0, stdout: "No resources found\n", stderr: "" });
	});

	it.each([
		[[], { propagationPolicy: "Background" }],
		[["--cascade=foreground"], { propagationPolicy: "Foreground" }],
		[["--cascade=orphan"], { propagationPolicy: "Orphan" }],
		[["--grace-period=30"], { propagationPolicy: "Background", gracePeriodSeconds: 30 }],
		[["--grace-period=0"], { propagationPolicy: "Background", gracePeriodSeconds: 1 }],
		[["--now"], { propagationPolicy: "Background", gracePeriodSeconds: 1 }],
		[["--dry-run=server"], { propagationPolicy: "Background", dryRun: ["All"] }],
	])("%j is what the server is told", async (flags, options) => {
		await klaw(["delete", "agent", "a", ...flags]);
		const request = api.server.requests.find(({ method }) => method === "DELETE");
		expect(request?.body).toEqual({ kind: "DeleteOptions", apiVersion: "v1", ...options });
	});

	it("warns of --force, which does not wait for an end in order", async () => {
		const ran = await klaw(["delete", "agent", "a", "--force"]);
		expect(ran.stdout).toBe('agent.klaw.sh "a" force deleted\n');
		expect(ran.stderr).toMatch(/^Warning: Immediate deletion does not wait for confirmation/);
		expect((await klaw(["delete", "agent", "a", "--now", "--grace-period=3"])).stderr).toBe(
			"error: --now and --grace-period cannot be specified together\n",
		);
	});

	it("waits until the object is gone, and not with --wait=false", async () => {
		let looks = 0;
		const a = api.objects.get(`${AGENTS}/a`);
		api.refuse = ({ method, path }) => {
			if (method === "DELETE") return { json: a };
			if (method === "GET" && path === `${AGENTS}/a` && ++looks === 3) api.objects.delete(`${AGENTS}/a`);
			return undefined;
		};
		expect(await klaw(["delete", "agent", "a", "--wait=false"])).toMatchObject({ code: 0, stdout: 'agent.klaw.sh "a" deleted\n' });
		expect(looks).toBe(0);
		expect(await klaw(["delete", "agent", "a"])).toMatchObject({ code: 0, stdout: 'agent.klaw.sh "a" deleted\n' });
		expect(looks).toBe(3);
	});

	it("gives up at --timeout, and does not wait for another object of the same name", async () => {
		const a = api.objects.get(`${AGENTS}/a`);
		api.refuse = ({ method }) => (method === "DELETE" ? { json: a } : undefined);
		expect(await klaw(["delete", "agent", "a", "--timeout=50ms"])).toMatchObject({
			code: 1,
			stderr: "error: timed out waiting for the condition on agents.klaw.sh/a\n",
		});
		api.put(`${AGENTS}/a`, { ...a, metadata: { ...a.metadata, uid: "another" } });
		expect((await klaw(["delete", "agent", "a"])).code).toBe(0);
	});

	it("with --dry-run deletes nothing", async () => {
		expect((await klaw(["delete", "agent", "a", "--dry-run=client"])).stdout).toBe('agent.klaw.sh "a" deleted (dry run)\n');
		expect((await klaw(["delete", "agent", "a", "--dry-run=server"])).stdout).toBe('agent.klaw.sh "a" deleted (server dry run)\n');
		expect(left()).toEqual(["a", "b", "c"]);
	});
});
