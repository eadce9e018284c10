import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ApiReply, ApiRequest, Caller } from "../../src/api/request.ts";
import { type Answer, unwrap } from "../../src/api/status.ts";
import { issuerOf } from "../../src/api/tokens/claims.ts";
import { verifyToken } from "../../src/api/tokens/verify.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { clusterObjectName, namespaceObjectName } from "../names.ts";

const root: Caller = { user: "root", groups: ["system:masters", "system:authenticated"] };
const jane: Caller = { user: "jane", groups: ["system:authenticated"] };
const write = { dryRun: false, fieldManager: "test", fieldValidation: "Strict" as const };
const RBAC = "rbac.authorization.k8s.io";

interface ApiStub {
	api(request: ApiRequest): Promise<Answer<ApiReply>>;
}
const cluster = (name: string) => env.CLUSTER.getByName(clusterObjectName(name));
/** RPC types map `unknown` to `never`. */
const ask = (name: string, request: ApiRequest): Promise<Answer<ApiReply>> => (cluster(name) as ApiStub).api(request);

const groupOf = (plural: string) => (plural === "namespaces" ? "" : plural === "clusters" ? "klaw.sh" : RBAC);
const resource = (plural: string) => ({ group: groupOf(plural), version: "v1", plural });

const get = (name: string, plural: string, object: string, caller = root) =>
	ask(name, { verb: "get", caller, resource: resource(plural), name: object });
const create = (name: string, plural: string, body: object, caller = root) =>
	ask(name, { verb: "create", caller, resource: resource(plural), body, write });
const remove = (name: string, plural: string, object: string, caller = root) =>
	ask(name, { verb: "delete", caller, resource: resource(plural), name: object, delete: { dryRun: false } });

async function objectOf(answer: Promise<Answer<ApiReply>>): Promise<BaseResource> {
	const reply = unwrap(await answer);
	if (reply.type !== "object") throw new Error(`got a ${reply.type}`);
	return reply.object;
}

async function statusOf(answer: Promise<Answer<ApiReply>>) {
	const refused = await answer;
	return refused.ok ? undefined : refused.status;
}

const named = (name: string) => ({ metadata: { name } });

/** A cluster of its own for a test. */
async function newCluster(name: string): Promise<string> {
	await objectOf(create("default", "clusters", named(name)));
	return name;
}

const role = (name: string, ...rules: object[]) => ({ metadata: { name }, rules });
const binding = (name: string, roleName: string, user: string) => ({
	metadata: { name },
	roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: roleName },
	subjects: [{ kind: "User", name: user }],
});

test("a cluster has its default roles, their bindings and a namespace from the start", async () => {
	expect(await objectOf(get("default", "namespaces", "default"))).toMatchObject({
		metadata: { name: "default", labels: { "kubernetes.io/metadata.name": "default" } },
		spec: { finalizers: ["kubernetes"] },
		status: { phase: "Active" },
	});
	expect(await objectOf(get("default", "clusters", "default"))).toMatchObject({ status: { phase: "Active" } });
	const view = await objectOf(get("default", "clusterroles", "view"));
	expect(view).toMatchObject({ metadata: { labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } } });
	expect(Reflect.get(view, "rules")).toContainEqual({
		apiGroups: [""],
		resources: expect.arrayContaining(["pods"]),
		verbs: ["get", "list", "watch"],
	});
	expect(await objectOf(get("default", "clusterrolebindings", "cluster-admin"))).toMatchObject({
		subjects: [{ kind: "Group", name: "system:masters" }],
	});
});

test("a cluster that nobody made is not there, and stores nothing", async () => {
	expect(await statusOf(get("nobody", "namespaces", "default"))).toMatchObject({
		code: 404,
		message: 'clusters.klaw.sh "nobody" not found',
	});
	expect(await cluster("nobody").jwks()).toEqual([]);
	expect(await cluster("nobody").policy("default")).toMatchObject({ exists: false });
	await runInDurableObject(cluster("nobody"), async (_, { storage }) => {
		expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray()).toEqual([]);
	});
});

test("nobody may do anything before it is allowed, which is recorded, and then just that", async () => {
	const name = await newCluster("permissions");
	const denied = await statusOf(ask(name, { verb: "list", caller: jane, resource: resource("namespaces"), list: {} }));
	expect(denied?.message).toBe(
		'namespaces is forbidden: User "jane" cannot list resource "namespaces" in API group "" at the cluster scope',
	);
	await objectOf(create(name, "clusterroles", role("lister", { apiGroups: [""], resources: ["namespaces"], verbs: ["list"] })));
	await objectOf(create(name, "clusterrolebindings", binding("lister", "lister", "jane")));
	const page = unwrap(await ask(name, { verb: "list", caller: jane, resource: resource("namespaces"), list: {} }));
	expect(page).toMatchObject({ type: "list", items: [{ metadata: { name: "default" } }] });
	expect((await statusOf(get(name, "namespaces", "default", jane)))?.code).toBe(403);
	await runInDurableObject(cluster(name), async (_, { storage }) => {
		const [row] = storage.sql.exec<{ json: string }>("SELECT json FROM audit WHERE json LIKE '%jane%' ORDER BY id LIMIT 1").toArray();
		expect(JSON.parse(row?.json ?? "{}")).toMatchObject({ caller: { user: "jane" }, verb: "list", resource: "namespaces", code: 403 });
	});
});

test("nobody gives away what they do not have, by a role or a binding", async () => {
	const name = await newCluster("escalation");
	const rbac = { apiGroups: [RBAC], resources: ["clusterroles", "clusterrolebindings"], verbs: ["*"] };
	// With verbs `*` jane could bind and escalate, so she gets the verbs by name.
	await objectOf(create(name, "clusterroles", role("author", { ...rbac, verbs: ["create", "update", "patch", "get"] })));
	await objectOf(create(name, "clusterrolebindings", binding("author", "author", "jane")));
	const secrets = role("secrets", { apiGroups: [""], resources: ["secrets"], verbs: ["get"] });
	expect((await statusOf(create(name, "clusterroles", secrets, jane)))?.message).toMatch(
		/^clusterroles\.rbac\.authorization\.k8s\.io "secrets" is forbidden: user "jane" .* not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}$/s,
	);
	expect((await statusOf(create(name, "clusterrolebindings", binding("me", "cluster-admin", "jane"), jane)))?.code).toBe(403);
	await objectOf(create(name, "clusterroles", role("mine", { apiGroups: [RBAC], resources: ["clusterroles"], verbs: ["get"] }), jane));
	await objectOf(create(name, "clusterrolebindings", binding("mine", "mine", "joe"), jane));
});

test("a role that is aggregated has the rules of a new role at once", async () => {
	const name = await newCluster("aggregation");
	const extra = { ...role("extra", { apiGroups: ["example.com"], resources: ["things"], verbs: ["get"] }) };
	await objectOf(
		create(name, "clusterroles", { ...extra, metadata: { name: "extra", labels: { [`${RBAC}/aggregate-to-view`]: "true" } } }),
	);
	for (const aggregated of ["view", "edit", "admin"]) {
		const rules: unknown = Reflect.get(await objectOf(get(name, "clusterroles", aggregated)), "rules");
		expect(rules).toContainEqual({ apiGroups: ["example.com"], resources: ["things"], verbs: ["get"] });
	}
	unwrap(await remove(name, "clusterroles", "extra"));
	expect(JSON.stringify(await objectOf(get(name, "clusterroles", "admin")))).not.toContain("example.com");
});

test("a namespace knows of a new permission when the write of it is answered", async () => {
	const name = await newCluster("push");
	await objectOf(create(name, "namespaces", named("a")));
	const before = await cluster(name).policy("a");
	expect(before).toMatchObject({ exists: true, phase: "Active" });
	const attributes = { verb: "get", group: "klaw.sh", resource: "agents", namespace: "a", name: "x" };
	const namespace = env.NAMESPACE.getByName(namespaceObjectName("a", name));
	expect(await namespace.authorize(jane, attributes)).toMatchObject({ allowed: false });
	await objectOf(create(name, "clusterrolebindings", binding("viewers", "view", "jane")));
	expect(await namespace.authorize(jane, attributes)).toMatchObject({ allowed: true });
	expect((await cluster(name).policy("a")).policy.version).toBeGreaterThan(before.policy.version);
	unwrap(await remove(name, "clusterrolebindings", "viewers"));
	expect(await namespace.authorize(jane, attributes)).toMatchObject({ allowed: false });
});

test("whoever has a role in a namespace may look at that namespace, and at no other", async () => {
	const name = await newCluster("in-itself");
	await objectOf(create(name, "namespaces", named("a")));
	expect((await statusOf(get(name, "namespaces", "a", jane)))?.code).toBe(403);
	const namespace = env.NAMESPACE.getByName(namespaceObjectName("a", name)) as ApiStub;
	const roleBinding = { ...resource("rolebindings"), group: RBAC };
	unwrap(
		await namespace.api({
			verb: "create",
			caller: root,
			namespace: "a",
			resource: roleBinding,
			body: binding("jane", "view", "jane"),
			write,
		}),
	);
	expect(await objectOf(get(name, "namespaces", "a", jane))).toMatchObject({ metadata: { name: "a" } });
	const refused = async (namespace: string) =>
		(await statusOf(get(name, "namespaces", namespace, jane)))?.message?.replaceAll(namespace, "NAME");
	expect(await refused("default")).toMatch(/^namespaces "NAME" is forbidden: User "jane" cannot get resource "namespaces"/);
	expect(await refused("nowhere")).toBe(await refused("default"));
});

test("each namespace has a key of its own, for as long as it is there", async () => {
	const name = await newCluster("namespace-keys");
	const key = async (namespace: string) => {
		const standing = await cluster(name).policy(namespace);
		return standing.exists ? [...standing.key] : [];
	};
	await objectOf(create(name, "namespaces", named("a")));
	expect(await key("a")).toHaveLength(32);
	expect(await key("a")).toEqual(await key("a"));
	expect(await key("a")).not.toEqual(await key("default"));
	expect(await key("b")).toEqual([]);
});

test("a namespace that is deleted terminates, and goes when nothing is left in it", async () => {
	const name = await newCluster("termination");
	await objectOf(create(name, "namespaces", named("a")));
	const deleted = await objectOf(remove(name, "namespaces", "a"));
	expect(deleted).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) }, status: { phase: "Terminating" } });
	await expect.poll(async () => (await statusOf(get(name, "namespaces", "a")))?.message).toBe('namespaces "a" not found');
	expect(await cluster(name).policy("a")).toMatchObject({ exists: false });
	const again = await objectOf(create(name, "namespaces", named("a")));
	expect(again.metadata.uid).not.toBe(deleted.metadata.uid);
	await cluster(name).namespaceEmptied("a", deleted.metadata.uid);
	expect(await objectOf(get(name, "namespaces", "a"))).toMatchObject({ status: { phase: "Active" } });
});

test("the default namespace and the default cluster cannot be deleted, not even in the foreground", async () => {
	const foreground = { dryRun: false, propagationPolicy: "Foreground" as const };
	const status = await statusOf(
		ask("default", { verb: "delete", caller: root, resource: resource("namespaces"), name: "default", delete: foreground }),
	);
	expect(status).toMatchObject({ code: 403, message: 'namespaces "default" is forbidden: this namespace may not be deleted' });
	expect((await statusOf(remove("default", "clusters", "default")))?.code).toBe(403);
	expect(await objectOf(get("default", "namespaces", "default"))).toMatchObject({ status: { phase: "Active" } });
});

test("a token is good in its cluster and in no other", async () => {
	const [here, there] = [await newCluster("tokens"), await newCluster("tokens-2")];
	const order = { namespace: "default", serviceAccount: { name: "bot", uid: "u" }, expirationSeconds: 3600 };
	const [{ token }] = await Promise.all([cluster(here).signToken(order), cluster(there).signToken(order)]);
	const verify = async (name: string) =>
		verifyToken(token, await cluster(name).jwks(), { issuer: issuerOf(name), audience: issuerOf(name), now: Date.now() });
	expect(await verify(here)).toMatchObject({ sub: "system:serviceaccount:default:bot" });
	await expect(verify(there)).rejects.toThrow("another cluster");
	expect(JSON.stringify(await cluster(here).jwks())).not.toContain('"d"');
});

test("a cluster that is deleted is gone with everything in it, and its name is free again", async () => {
	const name = await newCluster("short-lived");
	await objectOf(create(name, "namespaces", named("a")));
	await cluster(name).signToken({ namespace: "a", serviceAccount: { name: "bot", uid: "u" }, expirationSeconds: 3600 });
	expect(await objectOf(remove("default", "clusters", name))).toMatchObject({ status: { phase: "Terminating" } });
	await expect
		.poll(
			async () => {
				await runDurableObjectAlarm(cluster("default"));
				return (await statusOf(get("default", "clusters", name)))?.code;
			},
			{ timeout: 20_000 },
		)
		.toBe(404);
	expect((await statusOf(get(name, "namespaces", "default")))?.code).toBe(404);
	expect(await cluster(name).jwks()).toEqual([]);
	await newCluster(name);
	expect((await statusOf(get(name, "namespaces", "a")))?.code).toBe(404);
	expect(await objectOf(get(name, "namespaces", "default"))).toMatchObject({ status: { phase: "Active" } });
});
