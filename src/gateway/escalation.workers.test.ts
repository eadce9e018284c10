import { beforeAll, describe, expect, test } from "vitest";
import { asServiceAccount, asUser, bindRole, ensureNamespace, eventually, type Json, RBAC, request } from "../../test/fakes/api.ts";

const NS = "escalation";
const ROLES = `${RBAC}/namespaces/${NS}/roles`;
const BINDINGS = `${RBAC}/namespaces/${NS}/rolebindings`;
const GROUP = "rbac.authorization.k8s.io";
const ADA = asUser("ada");

const SEES_NODES = { apiGroups: [""], resources: ["nodes"], verbs: ["get"] };
const SEES_AGENTS = { apiGroups: ["klaw.sh"], resources: ["agents"], verbs: ["get"] };
const user = (name: string) => ({ kind: "User", name, apiGroup: GROUP });
const roleRef = (kind: string, name: string) => ({ kind, name, apiGroup: GROUP });
const create = (path: string, name: string, content: object, headers = {}) =>
	request("POST", path, { metadata: { name }, ...content }, headers);
const merge = (path: string, body: object, headers: Record<string, string>) =>
	request("PATCH", path, body, { ...headers, "Content-Type": "application/merge-patch+json" });

/** The object as it is served, byte for byte. */
const stored = async (path: string) => (await request("GET", path)).text;

/** Cluster-wide, for who is named. */
async function grant(name: string, rules: object[], who: string): Promise<void> {
	await create(`${RBAC}/clusterroles`, name, { rules });
	const { code, body } = await create(`${RBAC}/clusterrolebindings`, name, {
		roleRef: roleRef("ClusterRole", name),
		subjects: [user(who)],
	});
	if (code !== 201) throw new Error(JSON.stringify(body));
}

beforeAll(async () => {
	await ensureNamespace(NS);
	await bindRole(NS, "admin", "User/ada");
});

describe("who administers a namespace gives no more than they have", () => {
	test("in a role that is created, however it is", async () => {
		const refused = {
			code: 403,
			body: {
				reason: "Forbidden",
				message: expect.stringMatching(
					/^roles\.rbac\.authorization\.k8s\.io "nodes" is forbidden: user "ada" \(groups=\["system:authenticated"\]\) is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["nodes"\], Verbs:\["get"\]\}$/,
				),
				details: { name: "nodes", group: GROUP, kind: "roles" },
			},
		};
		expect(await create(ROLES, "nodes", { rules: [SEES_NODES] }, ADA)).toMatchObject(refused);
		expect(await create(`${ROLES}?dryRun=All`, "nodes", { rules: [SEES_NODES] }, ADA)).toMatchObject(refused);
		const applied = { apiVersion: `${GROUP}/v1`, kind: "Role", metadata: { name: "nodes" }, rules: [SEES_NODES] };
		const apply = { ...ADA, "Content-Type": "application/apply-patch+yaml" };
		expect(await request("PATCH", `${ROLES}/nodes?fieldManager=ada`, applied, apply)).toMatchObject(refused);
		expect((await request("GET", `${ROLES}/nodes`)).code).toBe(404);
		expect((await create(ROLES, "agents", { rules: [SEES_AGENTS] }, ADA)).code).toBe(201);
	});

	test.each([
		["everything", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
		["every verb", { ...SEES_AGENTS, verbs: ["*"] }],
		["every resource of a group", { ...SEES_AGENTS, resources: ["*"] }],
		["a subresource of theirs that they may not write", { ...SEES_AGENTS, resources: ["agents/status"], verbs: ["update"] }],
		["escalate", { apiGroups: [GROUP], resources: ["roles"], verbs: ["escalate"] }],
		["bind", { apiGroups: [GROUP], resources: ["clusterroles"], verbs: ["bind"], resourceNames: ["cluster-admin"] }],
		["impersonation of users", { apiGroups: [""], resources: ["users"], verbs: ["impersonate"] }],
	])("nor with a wildcard or a verb of its own: %s", async (_, rule) => {
		await create(ROLES, "changing", { rules: [SEES_AGENTS] });
		const before = await stored(`${ROLES}/changing`);
		const { body } = await request("GET", `${ROLES}/changing`);
		expect((await request("PUT", `${ROLES}/changing`, { ...body, rules: [rule] }, ADA)).code).toBe(403);
		expect((await merge(`${ROLES}/changing`, { rules: [rule] }, ADA)).code).toBe(403);
		expect(await stored(`${ROLES}/changing`)).toBe(before);
	});

	test("but may label a role that has more, and take from it", async () => {
		await create(ROLES, "strong", { rules: [SEES_NODES, SEES_AGENTS] });
		expect((await merge(`${ROLES}/strong`, { metadata: { labels: { a: "b" } } }, ADA)).code).toBe(200);
		expect((await merge(`${ROLES}/strong`, { rules: [SEES_AGENTS] }, ADA)).code).toBe(200);
	});

	test("by a binding to a ClusterRole or a role that has more", async () => {
		await create(ROLES, "bindable", { rules: [SEES_NODES] });
		for (const [kind, name] of [
			["ClusterRole", "cluster-admin"],
			["Role", "bindable"],
		] as const) {
			const answer = await create(BINDINGS, "climb", { roleRef: roleRef(kind, name), subjects: [user("ada")] }, ADA);
			expect(answer).toMatchObject({
				code: 403,
				body: {
					message: expect.stringMatching(
						/^rolebindings\.rbac\.authorization\.k8s\.io "climb" is forbidden: user "ada" .* not currently held:\n/,
					),
				},
			});
		}
		expect((await request("GET", `${BINDINGS}/climb`)).code).toBe(404);
		for (const role of ["view", "edit", "admin"]) {
			expect(
				(await create(BINDINGS, `ada-gives-${role}`, { roleRef: roleRef("ClusterRole", role), subjects: [user("bob")] }, ADA)).code,
			).toBe(201);
		}
	});

	test("by adding themselves to a binding, or turning it to another role", async () => {
		await create(BINDINGS, "of-root", { roleRef: roleRef("ClusterRole", "cluster-admin"), subjects: [user("root")] });
		const before = await stored(`${BINDINGS}/of-root`);
		expect((await merge(`${BINDINGS}/of-root`, { subjects: [user("ada")] }, ADA)).code).toBe(403);
		await create(BINDINGS, "of-view", { roleRef: roleRef("ClusterRole", "view"), subjects: [user("ada")] });
		expect(await merge(`${BINDINGS}/of-view`, { roleRef: { name: "cluster-admin" } }, ADA)).toMatchObject({
			code: 422,
			body: { reason: "Invalid", message: expect.stringContaining("cannot change roleRef"), details: { causes: [{ field: "roleRef" }] } },
		});
		expect(await stored(`${BINDINGS}/of-root`)).toBe(before);
	});

	test("by a role that is not there yet", async () => {
		expect(await create(BINDINGS, "ahead", { roleRef: roleRef("Role", "later"), subjects: [user("ada")] }, ADA)).toMatchObject({
			code: 404,
			body: { message: 'roles.rbac.authorization.k8s.io "later" not found' },
		});
	});

	test("in the whole cluster not at all", async () => {
		const subjects = [user("ada")];
		expect((await create(`${RBAC}/clusterroles`, "mine", { rules: [SEES_AGENTS] }, ADA)).code).toBe(403);
		expect((await create(`${RBAC}/clusterrolebindings`, "mine", { roleRef: roleRef("ClusterRole", "view"), subjects }, ADA)).code).toBe(
			403,
		);
		expect((await merge(`${RBAC}/clusterroles/view`, { rules: [] }, ADA)).code).toBe(403);
	});
});

describe("who may write ClusterRoles", () => {
	const WRITER = asUser("writer");

	beforeAll(async () => {
		await grant(
			"writer",
			[{ apiGroups: [GROUP], resources: ["clusterroles", "clusterrolebindings"], verbs: ["create", "update", "patch", "get"] }],
			"writer",
		);
	});

	test("gives no more than they have either", async () => {
		expect((await create(`${RBAC}/clusterroles`, "w1", { rules: [SEES_NODES] }, WRITER)).code).toBe(403);
		const binding = { roleRef: roleRef("ClusterRole", "cluster-admin"), subjects: [user("writer")] };
		expect((await create(`${RBAC}/clusterrolebindings`, "w2", binding, WRITER)).code).toBe(403);
		const before = await stored(`${RBAC}/clusterroles/writer`);
		expect(
			(await merge(`${RBAC}/clusterroles/writer`, { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] }, WRITER)).code,
		).toBe(403);
		expect(await stored(`${RBAC}/clusterroles/writer`)).toBe(before);
	});

	test("does not get more by aggregation", async () => {
		const all = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${GROUP}/aggregate-to-admin`]: "true" } }] }, rules: [] };
		expect(await create(`${RBAC}/clusterroles`, "collector", all, WRITER)).toMatchObject({
			code: 403,
			body: { message: expect.stringContaining("must have cluster-admin privileges to use the aggregationRule") },
		});
		// A role that others collect is a role like any other.
		const labelled = { metadata: { name: "feeder", labels: { [`${GROUP}/aggregate-to-view`]: "true" } }, rules: [SEES_NODES] };
		expect((await request("POST", `${RBAC}/clusterroles`, labelled, WRITER)).code).toBe(403);
		expect((await request("POST", `${RBAC}/clusterroles`, { ...labelled, rules: [] }, WRITER)).code).toBe(201);
		// Nor is one that is there already, which they only label.
		const labels = { metadata: { labels: { [`${GROUP}/aggregate-to-view`]: "true" } } };
		expect((await merge(`${RBAC}/clusterroles/cluster-admin`, labels, WRITER)).code).toBe(403);
		expect((await merge(`${RBAC}/clusterroles/cluster-admin`, { metadata: { annotations: { a: "b" } } }, WRITER)).code).toBe(200);
		expect((await merge(`${RBAC}/clusterroles/feeder`, { rules: [SEES_NODES] }, WRITER)).code).toBe(403);
	});

	test("may with escalate write any role, and with bind bind the one that is named", async () => {
		await grant(
			"escalator",
			[{ apiGroups: [GROUP], resources: ["clusterroles"], verbs: ["escalate"], resourceNames: ["raised"] }],
			"writer",
		);
		await grant("binder", [{ apiGroups: [GROUP], resources: ["clusterroles"], verbs: ["bind"], resourceNames: ["view"] }], "writer");
		expect((await create(`${RBAC}/clusterroles`, "raised", { rules: [SEES_NODES] }, WRITER)).code).toBe(201);
		expect((await create(`${RBAC}/clusterroles`, "not-raised", { rules: [SEES_NODES] }, WRITER)).code).toBe(403);
		const bind = (role: string) =>
			create(`${RBAC}/clusterrolebindings`, `bound-${role}`, { roleRef: roleRef("ClusterRole", role), subjects: [user("carl")] }, WRITER);
		expect((await bind("view")).code).toBe(201);
		expect((await bind("edit")).code).toBe(403);
		expect((await request("GET", "/apis/klaw.sh/v1/agents", undefined, asUser("carl"))).code).toBe(200);
	});
});

describe("a permission holds from the moment it is given to the moment it is taken", () => {
	const AGENTS = `/apis/klaw.sh/v1/namespaces/${NS}/agents`;

	test("by a binding, a role, and a role that others collect", async () => {
		const dora = asUser("dora");
		const may = async () => (await request("GET", AGENTS, undefined, dora)).code;
		expect(await may()).toBe(403);
		await create(ROLES, "lists", { rules: [{ ...SEES_AGENTS, verbs: ["list"] }] });
		await create(BINDINGS, "dora", { roleRef: roleRef("Role", "lists"), subjects: [user("dora")] });
		expect(await may()).toBe(200);
		await merge(`${ROLES}/lists`, { rules: [] }, {});
		expect(await may()).toBe(403);
		await merge(`${ROLES}/lists`, { rules: [{ ...SEES_AGENTS, verbs: ["list"] }] }, {});
		expect(await may()).toBe(200);
		await request("DELETE", `${BINDINGS}/dora`);
		expect(await may()).toBe(403);
	});

	test("also for a role that another collects", async () => {
		const eve = asUser("eve");
		const may = async () => (await request("GET", AGENTS, undefined, eve)).code;
		await create(`${RBAC}/clusterroles`, "collects", { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { feeds: "eve" } }] } });
		await create(BINDINGS, "eve", { roleRef: roleRef("ClusterRole", "collects"), subjects: [user("eve")] });
		expect(await may()).toBe(403);
		const feeding = { metadata: { name: "feeds-eve", labels: { feeds: "eve" } }, rules: [{ ...SEES_AGENTS, verbs: ["list"] }] };
		await request("POST", `${RBAC}/clusterroles`, feeding);
		expect(await may()).toBe(200);
		await request("DELETE", `${RBAC}/clusterroles/feeds-eve`);
		await eventually(may, (code) => code === 403);
	});
});

describe("impersonation", () => {
	test("is of whom a role names, and of nobody else", async () => {
		await grant("acts-as-kim", [{ apiGroups: [""], resources: ["users"], verbs: ["impersonate"], resourceNames: ["kim"] }], "fred");
		const fred = await asServiceAccount(NS, "fred");
		await grantTo("acts-as-kim-too", `system:serviceaccount:${NS}:fred`);
		const act = (headers: Record<string, string>) =>
			request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, { ...fred, ...headers });
		expect((await act(asUser("kim"))).body.status.userInfo).toMatchObject({ username: "kim", groups: ["system:authenticated"] });
		expect((await act(asUser("ada"))).code).toBe(403);
		expect(await act(asUser("kim", "system:masters"))).toMatchObject({
			code: 403,
			body: {
				message: expect.stringMatching(
					/^groups "system:masters" is forbidden: User "system:serviceaccount:escalation:fred" cannot impersonate resource "groups"/,
				),
			},
		});
		expect((await act({ ...asUser("kim"), "Impersonate-Uid": "1" })).code).toBe(403);
		expect((await act({ ...asUser("kim"), "Impersonate-Extra-Scopes": "all" })).code).toBe(403);
	});

	test("of a ServiceAccount is for who administers its namespace, and of no other's", async () => {
		await request("POST", `/api/v1/namespaces/${NS}/serviceaccounts`, { metadata: { name: "robot" } });
		const gina = await asServiceAccount(NS, "gina");
		await bindRole(NS, "admin", "ServiceAccount/gina");
		const act = (name: string) => request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, { ...gina, ...asUser(name) });
		expect((await act(`system:serviceaccount:${NS}:robot`)).body.status.userInfo.groups).toContain(`system:serviceaccounts:${NS}`);
		expect((await act("system:serviceaccount:default:robot")).code).toBe(403);
	});

	/** The role `acts-as-kim` for somebody else. */
	async function grantTo(name: string, who: string): Promise<void> {
		await create(`${RBAC}/clusterrolebindings`, name, { roleRef: roleRef("ClusterRole", "acts-as-kim"), subjects: [user(who)] });
	}
});

describe("audit records", () => {
	const AUDIT = "/apis/klaw.sh/v1/auditrecords";
	const OURS = `/apis/klaw.sh/v1/namespaces/${NS}/auditrecords`;
	const find = async (wished: (record: Json) => boolean) => {
		const records = await eventually(
			async () => (await request("GET", AUDIT)).body.items as Json[],
			(items) => items.some(wished),
		);
		return records.find(wished);
	};

	test("tell who wrote what, and who was denied what, in a namespace and in the cluster", async () => {
		await create(ROLES, "recorded", { rules: [] }, ADA);
		expect(
			await find(({ objectRef, verb }) => verb === "create" && objectRef.resource === "roles" && objectRef.name === "recorded"),
		).toMatchObject({
			user: { username: "ada", groups: ["system:authenticated"] },
			impersonatedBy: "system:admin",
			responseStatus: { code: 201 },
		});
		await request("GET", `/api/v1/namespaces/${NS}/secrets/hidden`, undefined, asUser("harry"));
		expect(await find(({ user, objectRef }) => user.username === "harry" && objectRef.resource === "secrets")).toMatchObject({
			verb: "get",
			objectRef: { namespace: NS, name: "hidden" },
			responseStatus: { code: 403 },
		});
		await request("GET", "/api/v1/nodes", undefined, asUser("harry"));
		expect(await find(({ user, objectRef }) => user.username === "harry" && objectRef.resource === "nodes")).toMatchObject({
			responseStatus: { code: 403 },
		});
		await request("DELETE", "/api/v1/namespaces/nowhere", undefined, asUser("harry"));
		await find(({ user, objectRef, verb }) => user.username === "harry" && objectRef.resource === "namespaces" && verb === "delete");
	});

	test("also of what somebody may not measure", async () => {
		expect((await request("GET", "/apis/metrics.k8s.io/v1beta1/nodes", undefined, ADA)).code).toBe(403);
		const record = await find(({ objectRef, user }) => objectRef.apiGroup === "metrics.k8s.io" && user.username === "ada");
		expect(record).toMatchObject({ verb: "list", objectRef: { resource: "nodes" }, responseStatus: { code: 403 } });
	});

	test("are read by administrators only, each of their own namespace", async () => {
		expect((await request("GET", OURS, undefined, ADA)).code).toBe(200);
		expect((await request("GET", AUDIT, undefined, ADA)).code).toBe(403);
		for (const role of ["view", "edit"]) await bindRole(NS, role, `User/${role}er`);
		for (const name of ["viewer", "editer", "harry"]) {
			expect((await request("GET", OURS, undefined, asUser(name))).code).toBe(403);
			expect((await request("GET", AUDIT, undefined, asUser(name))).code).toBe(403);
		}
	});

	test("are changed by nobody", async () => {
		const { items } = (await request("GET", OURS)).body;
		const path = `${OURS}/${items[0].metadata.name}`;
		for (const method of ["PUT", "DELETE", "PATCH"]) expect((await request(method, path, {})).code).toBe(405);
		expect((await request("DELETE", OURS)).code).toBe(405);
	});
});

describe("who may create tasks and not speak in sessions", () => {
	const TASKS = `/apis/klaw.sh/v1/namespaces/${NS}/tasks`;
	const IVY = asUser("ivy");

	beforeAll(async () => {
		await create(`/apis/klaw.sh/v1/namespaces/${NS}/agents`, "default", { spec: { model: "offline/shell" } });
		await create(`/apis/klaw.sh/v1/namespaces/${NS}/sessions`, "private", { spec: {} });
		await create(ROLES, "task-maker", { rules: [{ apiGroups: ["klaw.sh"], resources: ["tasks"], verbs: ["create"] }] });
		await create(BINDINGS, "task-maker", { roleRef: roleRef("Role", "task-maker"), subjects: [user("ivy")] });
	});

	test("has no task speak in one for them", async () => {
		const { code, body } = await create(TASKS, "intruder", { spec: { prompt: "hello", session: "private" } }, IVY);
		expect(code).toBe(403);
		expect(body.message).toContain('User "ivy" cannot create resource "sessions/messages" in API group "klaw.sh"');
		expect((await request("GET", `${TASKS}/intruder`)).code).toBe(404);
	});

	test("has tasks of their own done", async () => {
		expect((await create(TASKS, "own", { spec: { prompt: "hello" } }, IVY)).code).toBe(201);
	});
});
