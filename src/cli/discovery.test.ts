import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeApiServer } from "../../test/fakes/api-server.ts";
import { sampleCluster } from "../../test/fakes/kube-sample.ts";
import { ApiClient } from "./api-client.ts";
import { discover, discoverVersions } from "./discovery.ts";

const server = new FakeApiServer();
beforeEach(() => server.listen());
afterEach(() => server.close());

const client = () => new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test" });
const ask = () => discover(client());

it("one answer for each of the two roots tells of every resource", async () => {
	server.answer(sampleCluster().answer);
	const resources = await ask();
	expect(server.requests.map(({ path }) => path).sort()).toEqual(["/api", "/apis"]);
	expect(resources[0]).toMatchObject({
		group: "",
		version: "v1",
		kind: "ConfigMap",
		plural: "configmaps",
		shortNames: ["cm"],
		namespaced: true,
	});
	expect(resources.find(({ plural }) => plural === "clusters")).toMatchObject({
		group: "klaw.sh",
		namespaced: false,
		verbs: ["get", "list"],
	});
});

it("a server without aggregated discovery is asked for each group", async () => {
	const api = sampleCluster();
	server.answer(api.answer);
	const aggregated = await ask();
	api.aggregated = false;
	expect(await ask()).toEqual(aggregated);
});

it("a server without other groups has the core group all the same", async () => {
	const api = sampleCluster();
	api.replies["GET /apis"] = { status: 404, json: { kind: "Status", reason: "NotFound", message: "no" } };
	server.answer(api.answer);
	expect(new Set((await ask()).map(({ group }) => group))).toEqual(new Set([""]));
});

it("a group that has nothing in it has a version all the same", async () => {
	const api = sampleCluster();
	const items = [{ metadata: { name: "policy" }, versions: [{ version: "v1" }] }];
	api.replies["GET /apis"] = { json: { kind: "APIGroupDiscoveryList", items } };
	server.answer(api.answer);
	expect((await discoverVersions(client())).at(-1)).toEqual({ group: "policy", version: "v1", resources: [] });
});
