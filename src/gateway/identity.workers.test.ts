import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureNamespace, eventually, inNamespace, type Json, request } from "../../test/fakes/api.ts";

const NS = "identity";
const A = `${inNamespace(NS)}/agents`;
const CORE = `/api/v1/namespaces/${NS}`;
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS = "/apis/authorization.k8s.io/v1";
const as = (token: string) => ({ Authorization: `Bearer ${token}` });

async function tokenOf(name: string): Promise<string> {
	await request("POST", `${CORE}/serviceaccounts`, { metadata: { name } });
	const { code, body } = await request("POST", `${CORE}/serviceaccounts/${name}/token`, { spec: { expirationSeconds: 600 } });
	if (code !== 201) throw new Error(JSON.stringify(body));
	return body.status.token;
}

const bind = (name: string, role: string, subject: object) =>
	request("POST", `${RBAC}/namespaces/${NS}/rolebindings`, {
		metadata: { name },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
		subjects: [subject],
	});

beforeAll(async () => {
	await ensureNamespace(NS);
	await request("POST", A, { metadata: { name: "seen" } });
});

describe("the token of a ServiceAccount", () => {
	test("may do what its roles allow in its namespace, and nothing elsewhere", async () => {
		const token = await tokenOf("viewer");
		expect(await request("GET", A, undefined, as(token))).toMatchObject({
			code: 403,
			body: {
				reason: "Forbidden",
				message:
					'agents.klaw.sh is forbidden: User "system:serviceaccount:identity:viewer" cannot list resource "agents" in API group "klaw.sh" in the namespace "identity"',
			},
		});
		await bind("viewer", "view", { kind: "ServiceAccount", name: "viewer", namespace: NS });
		expect((await request("GET", A, undefined, as(token))).code).toBe(200);
		expect((await request("POST", A, { metadata: { name: "x" } }, as(token))).code).toBe(403);
		expect((await request("GET", "/apis/klaw.sh/v1/agents", undefined, as(token))).code).toBe(403);
		expect((await request("GET", "/apis/klaw.sh/v1/agents?watch=true", undefined, as(token))).code).toBe(403);
		expect((await request("GET", "/api/v1/nodes", undefined, as(token))).code).toBe(403);
		expect((await request("GET", "/apis", undefined, as(token))).code).toBe(200);
	});

	test("tells a stranger the same of what is there and what is not", async () => {
		const token = await tokenOf("stranger");
		const answers = ["default", "there-is-no-such"].map((namespace) =>
			request("GET", `${inNamespace(namespace)}/agents/x`, undefined, as(token)),
		);
		const [real, missing] = await Promise.all(answers);
		expect(real?.code).toBe(403);
		expect(missing?.text.replaceAll("there-is-no-such", "default")).toBe(real?.text);
	});

	test("ends with its ServiceAccount, at once", async () => {
		const token = await tokenOf("short-lived");
		expect((await request("GET", "/api", undefined, as(token))).code).toBe(200);
		await request("DELETE", `${CORE}/serviceaccounts/short-lived`);
		expect(await request("GET", "/api", undefined, as(token))).toMatchObject({
			code: 401,
			body: { reason: "Unauthorized", message: expect.stringContaining("is there no more") },
		});
	});

	test("is of no use when its signature is gone, or it is another cluster's", async () => {
		await request("POST", "/apis/klaw.sh/v1/clusters", { metadata: { name: "elsewhere" } });
		const token = await tokenOf("forger");
		const [, payload] = token.split(".");
		const none = `${btoa('{"alg":"none"}').replaceAll("=", "")}.${payload}.`;
		for (const [path, bearer] of [
			["/api", none],
			["/api", `${token.slice(0, -4)}AAAA`],
			["/clusters/elsewhere/api", token],
		] as const) {
			const { code, text } = await request("GET", path, undefined, as(bearer));
			expect(code).toBe(401);
			expect(text).not.toContain(bearer);
		}
	});
});

describe("impersonation", () => {
	const jane = { "Impersonate-User": "jane" };

	test("is what an administrator may do: the request is then the other's", async () => {
		expect(await request("GET", A, undefined, jane)).toMatchObject({
			code: 403,
			body: { message: expect.stringContaining('User "jane"') },
		});
		await bind("devs", "view", { kind: "Group", name: "devs", apiGroup: "rbac.authorization.k8s.io" });
		expect((await request("GET", A, undefined, { ...jane, "Impersonate-Group": "devs" })).code).toBe(200);
		const who = await request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, jane);
		expect(who).toMatchObject({ code: 201, body: { status: { userInfo: { username: "jane", groups: ["system:authenticated"] } } } });
	});

	test("is refused to everybody else, in Kubernetes' words, and recorded", async () => {
		const token = await tokenOf("climber");
		expect(await request("GET", A, undefined, { ...as(token), "Impersonate-User": "system:admin" })).toMatchObject({
			code: 403,
			body: {
				message:
					'users "system:admin" is forbidden: User "system:serviceaccount:identity:climber" cannot impersonate resource "users" in API group "" at the cluster scope',
			},
		});
		const recorded = await eventually(
			async () => (await request("GET", "/apis/klaw.sh/v1/auditrecords")).body.items,
			(items) => items.some(({ verb }: Json) => verb === "impersonate"),
		);
		expect(recorded.find(({ verb }: Json) => verb === "impersonate")).toMatchObject({
			user: { username: "system:serviceaccount:identity:climber" },
			responseStatus: { code: 403 },
		});
	});

	test("of groups without a user makes no sense", async () => {
		expect((await request("GET", A, undefined, { "Impersonate-Group": "devs" })).code).toBe(400);
	});
});

describe("reviews answer who may do what", () => {
	const resourceAttributes = { namespace: NS, verb: "list", group: "klaw.sh", resource: "agents" };

	test("to whoever asks about themselves", async () => {
		const token = await tokenOf("asker");
		const ask = (spec: object) => request("POST", `${REVIEWS}/selfsubjectaccessreviews`, { spec }, as(token));
		expect(await ask({ resourceAttributes })).toMatchObject({
			code: 201,
			body: { kind: "SelfSubjectAccessReview", status: { allowed: false } },
		});
		await bind("asker", "view", { kind: "ServiceAccount", name: "asker", namespace: NS });
		expect((await ask({ resourceAttributes })).body.status).toMatchObject({
			allowed: true,
			reason: expect.stringContaining("RoleBinding"),
		});
		expect((await ask({ resourceAttributes: { ...resourceAttributes, verb: "create" } })).body.status.allowed).toBe(false);
		expect((await ask({ nonResourceAttributes: { path: "/version", verb: "get" } })).body.status.allowed).toBe(true);
		expect((await ask({ nonResourceAttributes: { path: "/metrics", verb: "get" } })).body.status.allowed).toBe(false);
		const rules = await request("POST", `${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: NS } }, as(token));
		expect(rules).toMatchObject({ code: 201, body: { status: { incomplete: false, resourceRules: expect.any(Array) } } });
		expect(rules.body.status.resourceRules.some(({ resources }: Json) => resources.includes("agents"))).toBe(true);
	});

	test("about others to who may ask that", async () => {
		const token = await tokenOf("curious");
		const spec = { user: "somebody", groups: ["system:masters"], resourceAttributes };
		for (const [path, scope] of [
			[`${REVIEWS}/subjectaccessreviews`, "at the cluster scope"],
			[`${REVIEWS}/namespaces/${NS}/localsubjectaccessreviews`, 'in the namespace "identity"'],
		] as const) {
			expect((await request("POST", path, { spec })).body.status).toMatchObject({ allowed: true });
			expect(await request("POST", path, { spec }, as(token))).toMatchObject({
				code: 403,
				body: { message: expect.stringContaining(scope) },
			});
		}
	});
});

describe("another cluster", () => {
	const LAB = "/clusters/lab";

	beforeAll(async () => {
		expect((await request("POST", "/apis/klaw.sh/v1/clusters", { metadata: { name: "lab" } })).code).toBe(201);
	});

	test("has the same paths and objects of its own", async () => {
		await request("POST", `${LAB}/api/v1/namespaces`, { metadata: { name: NS } });
		const created = await request("POST", `${LAB}${A}`, { metadata: { name: "of-lab" } });
		expect(created.code).toBe(201);
		expect((await request("GET", `${LAB}${A}`)).body.items).toMatchObject([{ metadata: { name: "of-lab" } }]);
		expect((await request("GET", `${A}/of-lab`)).code).toBe(404);
		expect((await request("GET", "/clusters/default/apis/klaw.sh/v1/agents?fieldSelector=metadata.name%3Dseen")).body.items).toHaveLength(
			1,
		);
	});

	test("serves everything but clusters", async () => {
		const kinds = async (prefix: string) =>
			(await request("GET", `${prefix}/apis/klaw.sh/v1`)).body.resources.map(({ name }: Json) => name as string);
		const [ours, theirs] = [await kinds(""), await kinds(LAB)];
		expect(ours).toContain("clusters");
		expect(theirs).not.toContain("clusters");
		expect((await request("GET", `${LAB}/apis/klaw.sh/v1/clusters`)).code).toBe(404);
		const { paths } = (await request("GET", `${LAB}/openapi/v3`)).body;
		expect(paths["apis/klaw.sh/v1"].serverRelativeURL).toMatch(/^\/clusters\/lab\/openapi\/v3\/apis\/klaw\.sh\/v1\?hash=/);
	});
});

test("discovery is answered to every identity, and not again to who has it", async () => {
	const response = await exports.default.fetch("http://klaw/apis", {
		headers: {
			...as("test-admin-token"),
			Accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
		},
	});
	expect(await response.json()).toMatchObject({ kind: "APIGroupDiscoveryList" });
	const etag = response.headers.get("ETag") ?? "";
	const again = await request("GET", "/apis", undefined, {
		"If-None-Match": etag,
		Accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
	});
	expect(again.code).toBe(304);
});
