import { beforeAll, describe, expect, test } from "vitest";
import { asUser, bindRole, ensureNamespace, eventually, inNamespace, request } from "../../test/fakes/api.ts";

const CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";
const N = inNamespace("scheduling");
const REVIEWS = `${N}/placementreviews`;

beforeAll(async () => {
	await ensureNamespace("scheduling");
	await request("POST", `${N}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
});

const makeClass = (name: string, fields: object) => request("POST", CLASSES, { metadata: { name }, ...fields });
const makeAgent = (name: string, spec: object) => request("POST", `${N}/agents`, { metadata: { name }, spec });

describe("priority classes", () => {
	test("of the system are there, and stay", async () => {
		const { body } = await request("GET", CLASSES);
		const values = Object.fromEntries(
			body.items.map(({ metadata, value }: { metadata: { name: string }; value: number }) => [metadata.name, value]),
		);
		expect(values).toMatchObject({ "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000 });
		expect(await request("DELETE", `${CLASSES}/system-node-critical`)).toMatchObject({
			code: 403,
			body: { message: expect.stringContaining("this is a system priority class and cannot be deleted") },
		});
	});

	test("can be named by agents as soon as they are made", async () => {
		expect(await makeAgent("early", { priorityClassName: "first" })).toMatchObject({
			code: 403,
			body: { message: 'agents.klaw.sh "early" is forbidden: no PriorityClass with name first was found' },
		});
		expect((await makeClass("first", { value: 100 })).code).toBe(201);
		expect(await makeAgent("early", { priorityClassName: "first" })).toMatchObject({ code: 201, body: { status: { priority: 100 } } });
	});

	test("make pods of sessions show them", async () => {
		await makeClass("shown", { value: 5, preemptionPolicy: "Never" });
		await makeAgent("shown", { priorityClassName: "shown", resources: { requests: { cpu: "250m", memory: "1Gi" } } });
		await request("POST", `${N}/sessions`, { metadata: { name: "shown" }, spec: { agent: "shown" } });
		const { body } = await request("GET", "/api/v1/namespaces/scheduling/pods/shown");
		expect(body.spec).toMatchObject({
			priority: 5,
			priorityClassName: "shown",
			preemptionPolicy: "Never",
			terminationGracePeriodSeconds: 3600,
			containers: [{ resources: { requests: { cpu: "250m", memory: "1Gi" } } }],
		});
	});

	test("are one by default at most", async () => {
		expect((await makeClass("usual", { value: 1, globalDefault: true })).code).toBe(201);
		const { code, body } = await makeClass("unusual", { value: 2, globalDefault: true });
		expect([code, body.message]).toEqual([403, expect.stringContaining("PriorityClass usual is already marked as default")]);
		await request("DELETE", `${CLASSES}/usual`);
	});
});

describe("leases of nodes", () => {
	const LEASES = "/apis/coordination.k8s.io/v1";

	test("are read in their namespace alone, and not written", async () => {
		expect(await request("GET", `${LEASES}/namespaces/kube-node-lease/leases`)).toMatchObject({ code: 200, body: { kind: "LeaseList" } });
		expect(await request("GET", `${LEASES}/namespaces/scheduling/leases`)).toMatchObject({ code: 200, body: { items: [] } });
		expect(await request("GET", `${LEASES}/namespaces/kube-node-lease/leases/ghost`)).toMatchObject({
			code: 404,
			body: { message: 'leases.coordination.k8s.io "ghost" not found' },
		});
		expect((await request("POST", `${LEASES}/namespaces/kube-node-lease/leases`, { metadata: { name: "x" } })).code).toBe(405);
	});

	test("are not everybody's to read", async () => {
		await bindRole("scheduling", "view", "User/lena");
		expect((await request("GET", `${LEASES}/leases`, undefined, asUser("lena"))).code).toBe(403);
	});
});

describe("a placement review", () => {
	const review = (spec: object, headers = {}) => request("POST", REVIEWS, { spec }, headers);

	test("says where a session would go, or why nowhere, without making one", async () => {
		const { code, body } = await review({ agent: { nodeSelector: { planet: "mars" } } });
		expect(code).toBe(201);
		expect(body).toMatchObject({
			apiVersion: "klaw.sh/v1",
			kind: "PlacementReview",
			status: { recorded: false, feasible: 0, message: expect.stringMatching(/^0\/\d+ nodes are available/) },
		});
		expect(body.status.node).toBeUndefined();
	});

	test("says why a session waits, in the words of its pod", async () => {
		await makeAgent("martian", { model: "offline/shell", nodeSelector: { planet: "mars" } });
		await request("POST", `${N}/tasks`, { metadata: { name: "stuck" }, spec: { agent: "martian", prompt: "$ true" } });
		const pod = await eventually(
			async () => (await request("GET", "/api/v1/namespaces/scheduling/pods/stuck")).body,
			({ status }) => status?.phase === "Pending",
		);
		const { body } = await review({ session: "stuck" });
		expect(body.status).toMatchObject({ recorded: true, message: pod.status.message });
		await request("DELETE", `${N}/tasks/stuck`);
	});

	test("is for whoever may create one in the namespace, which viewers may", async () => {
		await bindRole("scheduling", "view", "User/vera");
		expect((await review({ agentName: "default" }, asUser("vera"))).code).toBe(201);
		expect(await review({ agentName: "default" }, asUser("nobody"))).toMatchObject({
			code: 403,
			body: {
				message: expect.stringContaining('cannot create resource "placementreviews" in API group "klaw.sh" in the namespace "scheduling"'),
			},
		});
	});

	test.each([
		[{}, 422, "spec.session"],
		[{ session: "gone" }, 404, 'sessions.klaw.sh "gone" not found'],
		[{ agent: { isolation: "none" } }, 422, "spec.agent.isolation"],
	])("of %j is refused", async (spec, code, message) => {
		expect(await review(spec)).toMatchObject({ code, body: { message: expect.stringContaining(message) } });
	});

	test("in a namespace that there is not is a 404", async () => {
		const { code, body } = await request("POST", `${inNamespace("nowhere")}/placementreviews`, { spec: { agentName: "a" } });
		expect([code, body.message]).toEqual([404, 'namespaces "nowhere" not found']);
	});
});
