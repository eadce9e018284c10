import { expect, test } from "vitest";
import { inNamespace, request } from "../../test/fakes/api.ts";

test("a quota holds an agent that would have its sessions ask for more", async () => {
	const path = inNamespace("grows");
	await request("POST", "/api/v1/namespaces", { metadata: { name: "grows" } });
	await request("POST", `${path}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
	await request("POST", `${path}/sessions`, { metadata: { name: "s1" } });
	await request("POST", "/api/v1/namespaces/grows/resourcequotas", { metadata: { name: "q" }, spec: { hard: { "requests.cpu": "2" } } });
	const wants = (cpu: string) =>
		request(
			"PATCH",
			`${path}/agents/default`,
			{ spec: { resources: { requests: { cpu } } } },
			{ "Content-Type": "application/merge-patch+json" },
		);
	expect(await wants("64")).toMatchObject({
		code: 403,
		body: { message: expect.stringContaining("exceeded quota: q, requested: requests.cpu=") },
	});
	expect((await wants("2")).code).toBe(200);
	expect((await wants("1")).code).toBe(200);
});
