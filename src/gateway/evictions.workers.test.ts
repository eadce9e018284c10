import { beforeAll, describe, expect, test } from "vitest";
import { api, createTask, ensureAgent, journal, taskPhase } from "../../test/fakes/api.ts";
import { RawNode } from "../../test/fakes/raw-node.ts";

beforeAll(() => ensureAgent());

const eviction = (name: string, deleteOptions: object = {}) => ({
	apiVersion: "policy/v1",
	kind: "Eviction",
	metadata: { name, namespace: "default" },
	deleteOptions,
});
const evict = (name: string, query: string, deleteOptions?: object) =>
	api("POST", `/api/v1/namespaces/default/pods/${name}/eviction${query}`, eviction(name, deleteOptions));

describe("an eviction", () => {
	test("whose dryRun is no value of Kubernetes is refused like every other write, and nothing leaves", async () => {
		const node = await RawNode.join("evictions", "dry");
		try {
			await createTask("dry", "$ sleep 1000");
			await node.next("call");
			await taskPhase("dry", ["Running"]);
			for (const [query, options] of [
				["?dryRun=all", {}],
				["?dryRun=All&dryRun=true", {}],
				["", { dryRun: ["all"] }],
				["?dryRun=All", { dryRun: ["none"] }],
			] as const)
				expect(await evict("dry", query, options)).toMatchObject({ status: 422, body: { reason: "Invalid" } });
			for (const query of ["?dryRun=All", "?dryRun=All&dryRun=All"]) expect(await evict("dry", query)).toMatchObject({ status: 201 });
			expect(await evict("dry", "", { dryRun: ["All"] })).toMatchObject({ status: 201 });
			expect((await journal("dry")).map(({ event }) => event.type)).not.toContain("lease.recalled");
		} finally {
			node.close();
			await api("DELETE", `/api/v1/nodes/${node.name}`);
		}
	});

	test("of a pod that has changed since it was looked at is a conflict", async () => {
		await createTask("changed", "hello");
		const preconditions = { resourceVersion: "1" };
		expect(await evict("changed", "", { preconditions })).toMatchObject({ status: 409, body: { reason: "Conflict" } });
	});
});
