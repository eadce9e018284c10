import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { asServiceAccount, RBAC, request } from "../../test/fakes/api.ts";

const LINK = "http://klaw/api/v1/nodes/n1/link";
const dial = (url: string, headers: Record<string, string>) =>
	exports.default.fetch(url, { headers: { Upgrade: "websocket", ...headers } });

test("nodes are listed, and one that is not there is a 404", async () => {
	expect(await request("GET", "/api/v1/nodes")).toMatchObject({ code: 200, body: { apiVersion: "v1", kind: "NodeList", items: [] } });
	for (const method of ["GET", "DELETE"]) {
		expect(await request(method, "/api/v1/nodes/ghost")).toMatchObject({ code: 404, body: { message: 'nodes "ghost" not found' } });
	}
	expect(await request("GET", "/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue&labelSelector=a%3Db")).toMatchObject({
		code: 200,
		body: { items: [] },
	});
	expect((await request("GET", "/api/v1/nodes?labelSelector=a%3D%3D%3Db")).code).toBe(400);
	expect((await request("GET", "/api/v1/nodes?watch=true&timeoutSeconds=1")).code).toBe(200);
});

describe("the link of a node", () => {
	test.each(["test-join-token", "test-admin-token"])("opens for the %s", async (token) => {
		const response = await dial(LINK, { Authorization: `Bearer ${token}` });
		expect(response.status).toBe(101);
		response.webSocket?.accept();
		response.webSocket?.close();
	});

	test("stays shut for any other, and says which it takes", async () => {
		for (const headers of [{}, { Authorization: "Bearer wrong" }] as Record<string, string>[]) {
			const response = await dial(LINK, headers);
			expect(response.status).toBe(401);
			expect(await response.json()).toMatchObject({ message: expect.stringContaining("klaw node join URL --token TOKEN") });
		}
	});

	test("stays shut for a ServiceAccount, until a role opens it", async () => {
		const headers = await asServiceAccount("default", "machine");
		const refused = await dial(LINK, headers);
		expect(refused.status).toBe(403);
		expect(await refused.json()).toMatchObject({
			message:
				'nodes "n1" is forbidden: User "system:serviceaccount:default:machine" cannot create resource "nodes/link" in API group "" at the cluster scope',
		});
		await request("POST", `${RBAC}/clusterroles`, {
			metadata: { name: "joiner" },
			rules: [{ apiGroups: [""], resources: ["nodes/link"], verbs: ["create"] }],
		});
		await request("POST", `${RBAC}/clusterrolebindings`, {
			metadata: { name: "joiner" },
			roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "joiner" },
			subjects: [{ kind: "ServiceAccount", namespace: "default", name: "machine" }],
		});
		const response = await dial(LINK, headers);
		expect(response.status).toBe(101);
		response.webSocket?.accept();
		response.webSocket?.close();
	});

	test("is for WebSockets", async () => {
		expect(await request("GET", "/api/v1/nodes/n1/link")).toMatchObject({
			code: 400,
			body: { message: expect.stringContaining("WebSocket upgrades only") },
		});
	});

	test("is for names that a node may have", async () => {
		expect((await dial("http://klaw/api/v1/nodes/N_1/link", { Authorization: "Bearer test-join-token" })).status).toBe(422);
	});
});
