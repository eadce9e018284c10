import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResourceApi } from "../../../test/fakes/resource-api.ts";
import { runKlaw } from "../test-io.ts";

const AGENTS = "/apis/klaw.sh/v1/namespaces/default/agents";

let api: ResourceApi;
beforeEach(async () => {
	api = new ResourceApi();
	await api.listen();
	for (const name of ["a", "b"])
		api.put(`${AGENTS}/${name}`, {
			apiVersion: "klaw.sh/v1",
			kind: "Agent",
			metadata: { name, namespace: "default", labels: { env: "prod" } },
		});
});
afterEach(() => api.server.close());

const klaw = (argv: string[]) => runKlaw(["--server", api.server.url, "--token", "t", ...argv]);
const labels = (name = "a") => api.objects.get(`${AGENTS}/${name}`).metadata.labels;

describe("klaw label", () => {
	it("sets, changes with --overwrite, and removes", async () => {
		expect((await klaw(["label", "agent", "a", "team=red"])).stdout).toBe("agent.klaw.sh/a labeled\n");
		expect((await klaw(["label", "agent/a", "env=test", "--overwrite"])).stdout).toBe("agent.klaw.sh/a labeled\n");
		expect(labels()).toEqual({ env: "test", team: "red" });
		expect((await klaw(["label", "agent", "a", "team-"])).stdout).toBe("agent.klaw.sh/a unlabeled\n");
		expect(labels()).toEqual({ env: "test" });
	});

	it("sends only what changes", async () => {
		await klaw(["label", "agent", "a", "team=red", "env-"]);
		expect(api.server.requests.at(-1)).toMatchObject({
			method: "PATCH",
			path: `${AGENTS}/a?fieldManager=klaw-label`,
			headers: { "content-type": "application/merge-patch+json" },
			body: { metadata: { labels: { team: "red", env: null } } },
		});
	});

	it("does not change a value that is there, and says so of each object", async () => {
		expect(await klaw(["label", "agents", "a", "b", "env=test"])).toEqual({
			code: 1,
			stdout: "",
			stderr: "'env' already has a value (prod), and --overwrite is false\n".repeat(2),
		});
		expect(await klaw(["label", "agent", "a", "env=test"])).toMatchObject({
			stderr: "error: 'env' already has a value (prod), and --overwrite is false\n",
		});
	});

	it("says when there was nothing to do", async () => {
		expect((await klaw(["label", "agent", "a", "env=prod"])).stdout).toBe("agent.klaw.sh/a not labeled\n");
		expect(await klaw(["label", "agent", "a", "gone-"])).toEqual({
			code: 0,
			stdout: 'label "gone" not found.\nagent.klaw.sh/a not labeled\n',
			stderr: "",
		});
		expect(api.writes).toEqual([]);
	});

	it("labels all of a kind, and those with a label", async () => {
		expect((await klaw(["label", "agents", "--all", "x=1"])).stdout).toBe("agent.klaw.sh/a labeled\nagent.klaw.sh/b labeled\n");
		expect((await klaw(["label", "agents", "-l", "env=none", "x=2"])).stdout).toBe("");
	});

	it("lists labels", async () => {
		expect((await klaw(["label", "agent", "a", "--list"])).stdout).toBe("env=prod\n");
		expect((await klaw(["label", "agents", "--all", "--list"])).stdout).toBe(
			"Listing labels for Agent.klaw.sh/a:\n env=prod\nListing labels for Agent.klaw.sh/b:\n env=prod\n",
		);
	});

	it.each([
		[["label", "agent", "a"], "at least one label update is required"],
		[["label", "x=1"], "one or more resources must be specified as <resource> <name> or <resource>/<name>"],
		[["label", "agent", "a", "x=1", "b"], "all resources must be specified before label changes: b"],
		[["label", "agent", "a", "x=1", "x-"], "cannot modify and remove the same label"],
		[["annotate", "agent", "a"], "at least one annotation update is required"],
	])("klaw %j is refused", async (argv, message) => {
		expect(await klaw(argv)).toEqual({ code: 1, stdout: "", stderr: `error: ${message}\n` });
	});
});

it("klaw annotate sets and removes annotations, whose values may hold anything", async () => {
	expect((await klaw(["annotate", "agent", "a", "note=a=b, c-"])).stdout).toBe("agent.klaw.sh/a annotated\n");
	expect(api.objects.get(`${AGENTS}/a`).metadata.annotations).toEqual({ note: "a=b, c-" });
	expect((await klaw(["annotate", "agent", "a", "note=x"])).stderr).toBe(
		"error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (a=b, c-)\n",
	);
	expect((await klaw(["annotate", "agent", "a", "note-"])).stdout).toBe("agent.klaw.sh/a annotated\n");
	expect(api.objects.get(`${AGENTS}/a`).metadata.annotations).toEqual({});
});
