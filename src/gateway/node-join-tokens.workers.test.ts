import { describe, expect, test } from "vitest";
import { asServiceAccount, asUser, bindRole, ensureNamespace, RBAC, request } from "../../test/fakes/api.ts";

const TOKENS = "/apis/klaw.sh/v1/nodejointokens";
const create = (body: object, headers?: Record<string, string>) => request("POST", TOKENS, body, headers);

describe("a join token", () => {
	test("is said once, when it is made", async () => {
		const made = await create({ metadata: { name: "once" }, spec: { ttlSeconds: 600, description: "the Mac", nodeName: "mac", uses: 2 } });
		expect(made).toMatchObject({
			code: 201,
			body: {
				apiVersion: "klaw.sh/v1",
				kind: "NodeJoinToken",
				metadata: { name: "once" },
				spec: { ttlSeconds: 600, description: "the Mac", nodeName: "mac", uses: 2 },
				status: { token: expect.stringMatching(/^klaw-join-[\w-]{43}$/), createdBy: "system:admin", joined: 0 },
			},
		});
		const { creationTimestamp } = made.body.metadata;
		expect(Date.parse(made.body.status.expirationTimestamp) - Date.parse(creationTimestamp)).toBe(600_000);
		const [one, all] = [await request("GET", `${TOKENS}/once`), await request("GET", TOKENS)];
		expect(one).toMatchObject({ code: 200, body: { spec: made.body.spec, status: { createdBy: "system:admin" } } });
		expect(all.body).toMatchObject({ kind: "NodeJoinTokenList", items: [{ metadata: { name: "once" } }] });
		for (const { text } of [one, all]) expect(text).not.toContain("klaw-join-");
	});

	test("has a name, a ttl of an hour and no limit of machines unless it is given others", async () => {
		const { code, body } = await create({});
		expect([code, body.spec]).toEqual([201, { ttlSeconds: 3600 }]);
		expect(body.metadata.name).toMatch(/^join-\w{5}$/);
		expect((await create({ metadata: { generateName: "ci-" } })).body.metadata.name).toMatch(/^ci-\w{5}$/);
	});

	test("is gone when it is deleted", async () => {
		await create({ metadata: { name: "gone" } });
		expect(await request("DELETE", `${TOKENS}/gone?dryRun=All`)).toMatchObject({ code: 200 });
		expect(await request("DELETE", `${TOKENS}/gone`, { preconditions: { uid: "another" } })).toMatchObject({ code: 409 });
		expect(await request("DELETE", `${TOKENS}/gone`)).toMatchObject({ code: 200, body: { status: "Success" } });
		expect(await request("GET", `${TOKENS}/gone`)).toMatchObject({
			code: 404,
			body: { message: 'nodejointokens.klaw.sh "gone" not found' },
		});
	});

	test("keeps its labels, and is found by them", async () => {
		await create({ metadata: { name: "labelled", labels: { team: "a" }, annotations: { why: "test" } } });
		const { body } = await request("GET", `${TOKENS}?labelSelector=team%3Da`);
		expect(body.items).toMatchObject([{ metadata: { name: "labelled", labels: { team: "a" }, annotations: { why: "test" } } }]);
		expect((await request("GET", `${TOKENS}?fieldSelector=metadata.name%3Dlabelled`)).body.items).toHaveLength(1);
	});

	test("is a row of a table", async () => {
		await create({ metadata: { name: "row" }, spec: { nodeName: "mac" } });
		const { body } = await request("GET", TOKENS, undefined, { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
		expect(body.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
			...["Name", "Expires", "Node", "Created-By", "Age", "Description"],
		]);
		expect(body.rows.find(({ cells }: { cells: string[] }) => cells[0] === "row").cells[2]).toBe("mac");
	});

	test("of a dry run was never made, and says no token", async () => {
		const { code, body } = await request("POST", `${TOKENS}?dryRun=All`, { metadata: { name: "dry" } });
		expect([code, body.status.token]).toEqual([201, undefined]);
		expect((await request("GET", `${TOKENS}/dry`)).code).toBe(404);
	});

	test.each([
		[{ spec: { ttlSeconds: 86_401 } }, 422, "spec.ttlSeconds"],
		[{ spec: { ttlSeconds: 0 } }, 422, "spec.ttlSeconds"],
		[{ spec: { uses: 0 } }, 422, "spec.uses"],
		[{ spec: { nodeName: "N_1" } }, 422, "spec.nodeName"],
		[{ metadata: { name: "N_1" } }, 422, "metadata.name"],
		[{ kind: "Node" }, 400, "does not match the expected kind"],
	])("may not be %j", async (body, code, message) => {
		expect(await create(body)).toMatchObject({ code, body: { message: expect.stringContaining(message) } });
	});

	test("of a name that is taken is refused, and so are watches and changes", async () => {
		await create({ metadata: { name: "taken" } });
		expect(await create({ metadata: { name: "taken" } })).toMatchObject({ code: 409, body: { reason: "AlreadyExists" } });
		expect((await request("GET", `${TOKENS}?watch=true`)).code).toBe(405);
		expect((await request("PUT", `${TOKENS}/taken`, { metadata: { name: "taken" } })).code).toBe(405);
	});
});

describe("join tokens are for cluster admins", () => {
	const forbidden = (verb: string, name = "") => ({
		code: 403,
		body: {
			message: `nodejointokens.klaw.sh ${name && `"${name}" `}is forbidden: User "jane" cannot ${verb} resource "nodejointokens" in API group "klaw.sh" at the cluster scope`,
		},
	});

	test.each(["view", "edit", "admin"])("and not for who is bound to %s in a namespace", async (role) => {
		await ensureNamespace(`team-${role}`);
		await bindRole(`team-${role}`, role, "User/jane");
		expect(await create({}, asUser("jane"))).toMatchObject(forbidden("create"));
		expect(await request("GET", TOKENS, undefined, asUser("jane"))).toMatchObject(forbidden("list"));
		expect(await request("DELETE", `${TOKENS}/x`, undefined, asUser("jane"))).toMatchObject(forbidden("delete", "x"));
	});

	test("nor for who is bound to edit in the whole cluster", async () => {
		const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" };
		const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jim" }];
		await request("POST", `${RBAC}/clusterrolebindings`, { metadata: { name: "jim-edits" }, roleRef, subjects });
		expect((await create({}, asUser("jim"))).code).toBe(403);
	});

	test("or for whom a role of its own allows it", async () => {
		const headers = await asServiceAccount("default", "tokens");
		const rules = [{ apiGroups: ["klaw.sh"], resources: ["nodejointokens"], verbs: ["create"] }];
		await request("POST", `${RBAC}/clusterroles`, { metadata: { name: "join-tokens" }, rules });
		const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "join-tokens" };
		const subjects = [{ kind: "ServiceAccount", namespace: "default", name: "tokens" }];
		await request("POST", `${RBAC}/clusterrolebindings`, { metadata: { name: "join-tokens" }, roleRef, subjects });
		expect(await create({}, headers)).toMatchObject({
			code: 201,
			body: { status: { createdBy: "system:serviceaccount:default:tokens" } },
		});
	});

	test("and whoever makes one is on record, without the token", async () => {
		const { body } = await create({ metadata: { name: "recorded" } });
		const { body: records, text } = await request("GET", "/apis/klaw.sh/v1/auditrecords");
		expect(records.items).toContainEqual(
			expect.objectContaining({ verb: "create", objectRef: expect.objectContaining({ resource: "nodejointokens" }) }),
		);
		expect(text).not.toContain(body.status.token);
	});
});
