import {
	AuthenticationV1Api,
	AuthorizationV1Api,
	CoreV1Api,
	CustomObjectsApi,
	type KubeConfig,
	KubernetesObjectApi,
	PatchStrategy,
	RbacAuthorizationV1Api,
	setHeaderOptions,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Json, Klaw, until } from "../e2e/klaw-process.ts";
import { kubeConfig, refusal, withUser } from "./connect.ts";

let klaw: Klaw;
let config: KubeConfig;
let core: CoreV1Api;
let rbac: RbacAuthorizationV1Api;
let custom: CustomObjectsApi;

beforeAll(async () => {
	klaw = await Klaw.start();
	config = kubeConfig(klaw);
	core = config.makeApiClient(CoreV1Api);
	rbac = config.makeApiClient(RbacAuthorizationV1Api);
	custom = config.makeApiClient(CustomObjectsApi);
});
afterAll(() => klaw?.remove());

/** The media type of a patch. */
const as = (type: string) => setHeaderOptions("Content-Type", type);
const namespace = "default";

describe("the typed client works with core kinds", () => {
	test("a Namespace comes, and goes with what is in it", async () => {
		const created = await core.createNamespace({ body: { metadata: { name: "typed", labels: { team: "a" } } } });
		expect(created).toMatchObject({ kind: "Namespace", status: { phase: "Active" } });
		expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
		await core.createNamespacedConfigMap({ namespace: "typed", body: { metadata: { name: "c" }, data: { a: "1" } } });
		expect((await core.listNamespace({ labelSelector: "team=a" })).items.map(({ metadata }) => metadata?.name)).toEqual(["typed"]);
		await core.deleteNamespace({ name: "typed" });
		await until(async () => (await core.listNamespace({ fieldSelector: "metadata.name=typed" })).items.length === 0, 20_000);
		expect((await core.listNamespacedConfigMap({ namespace: "typed" })).items).toEqual([]);
	});

	test("a ConfigMap is created, read, replaced, patched and deleted", async () => {
		const created = await core.createNamespacedConfigMap({
			namespace,
			body: { metadata: { generateName: "map-" }, data: { a: "1" }, binaryData: { b: "AAE=" } },
		});
		const name = created.metadata?.name ?? "";
		expect(name).toMatch(/^map-.{5}$/);
		expect(await core.readNamespacedConfigMap({ name, namespace })).toEqual(created);
		const replaced = await core.replaceNamespacedConfigMap({ name, namespace, body: { ...created, data: { a: "2" } } });
		expect(replaced.data).toEqual({ a: "2" });
		const stale = await refusal(core.replaceNamespacedConfigMap({ name, namespace, body: created }));
		expect(stale).toMatchObject({ kind: "Status", code: 409, reason: "Conflict" });
		// The client's own default for a list of operations is a JSON patch.
		const patched = await core.patchNamespacedConfigMap(
			{ name, namespace, body: [{ op: "add", path: "/data/c", value: "3" }] },
			as(PatchStrategy.JsonPatch),
		);
		expect(patched.data).toEqual({ a: "2", c: "3" });
		const merged = await core.patchNamespacedConfigMap(
			{ name, namespace, body: { data: { a: null } } },
			as(PatchStrategy.StrategicMergePatch),
		);
		expect(merged.data).toEqual({ c: "3" });
		expect(await core.deleteNamespacedConfigMap({ name, namespace })).toMatchObject({ status: "Success" });
		expect(await refusal(core.readNamespacedConfigMap({ name, namespace }))).toMatchObject({
			code: 404,
			message: `configmaps "${name}" not found`,
		});
	});

	test("a Secret never gives back what it was given", async () => {
		await core.createNamespacedSecret({ namespace, body: { metadata: { name: "key" }, stringData: { token: "hunter2" } } });
		const read = await core.readNamespacedSecret({ name: "key", namespace });
		expect(read).toMatchObject({ type: "Opaque", data: { token: "" } });
		// A client that reads, changes and writes keeps the values that it was not shown.
		const labelled = await core.replaceNamespacedSecret({
			name: "key",
			namespace,
			body: { ...read, metadata: { ...read.metadata, labels: { a: "b" } } },
		});
		expect(labelled).toMatchObject({ metadata: { labels: { a: "b" } }, data: { token: "" } });
		expect(JSON.stringify(await core.listNamespacedSecret({ namespace }))).not.toMatch(/hunter2|aHVudGVyMg/);
	});

	test("a ServiceAccount, a Role and a RoleBinding let somebody in, and a ResourceQuota limits", async () => {
		await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: "builder" } } });
		await rbac.createNamespacedRole({
			namespace,
			body: { metadata: { name: "maps" }, rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["create", "list"] }] },
		});
		const binding = await rbac.createNamespacedRoleBinding({
			namespace,
			body: {
				metadata: { name: "maps" },
				roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "maps" },
				subjects: [{ kind: "ServiceAccount", name: "builder", namespace }],
			},
		});
		expect(binding.subjects).toEqual([{ kind: "ServiceAccount", name: "builder", namespace }]);
		const used = (await core.listNamespacedConfigMap({ namespace })).items.length;
		await core.createNamespacedResourceQuota({
			namespace,
			body: { metadata: { name: "few" }, spec: { hard: { configmaps: String(used + 1) } } },
		});

		const token = await core.createNamespacedServiceAccountToken({
			name: "builder",
			namespace,
			body: { spec: { audiences: [], expirationSeconds: 3600 } },
		});
		expect(token.status?.expirationTimestamp).toBeInstanceOf(Date);
		const builder = withUser(config, { token: token.status?.token ?? "" });
		const who = await builder.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
		expect(who.status?.userInfo).toMatchObject({
			username: "system:serviceaccount:default:builder",
			groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
		});
		const authorization = builder.makeApiClient(AuthorizationV1Api);
		const may = async (verb: string, resource: string) =>
			(await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { namespace, verb, resource } } } })).status
				?.allowed;
		expect([await may("create", "configmaps"), await may("create", "secrets")]).toEqual([true, false]);

		const theirs = builder.makeApiClient(CoreV1Api);
		await theirs.createNamespacedConfigMap({ namespace, body: { metadata: { name: "last" } } });
		expect(await refusal(theirs.createNamespacedConfigMap({ namespace, body: { metadata: { name: "too-many" } } }))).toMatchObject({
			code: 403,
			reason: "Forbidden",
			message: `configmaps "too-many" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=${used + 1}, limited: configmaps=${used + 1}`,
		});
		expect(await refusal(theirs.listNamespacedSecret({ namespace }))).toMatchObject({ code: 403, reason: "Forbidden" });
		expect(await refusal(theirs.listNode())).toMatchObject({
			message:
				'nodes is forbidden: User "system:serviceaccount:default:builder" cannot list resource "nodes" in API group "" at the cluster scope',
		});
		expect((await core.readNamespacedResourceQuota({ name: "few", namespace })).status?.used).toEqual({ configmaps: String(used + 1) });

		await core.deleteNamespacedResourceQuota({ name: "few", namespace });
		await core.deleteNamespacedServiceAccount({ name: "builder", namespace });
		expect(await refusal(theirs.listNamespacedConfigMap({ namespace }))).toEqual({ code: 401 });
	});
});

describe("the client of custom objects works with agents", () => {
	const agents = { group: "klaw.sh", version: "v1", plural: "agents" };
	const inNamespace = { ...agents, namespace };
	const create = (name: string, more: object = {}): Promise<Json> =>
		custom.createNamespacedCustomObject({
			...inNamespace,
			body: { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name, ...more }, spec: { model: "offline/shell" } },
		});

	test("lists page by page, of one version, and in all namespaces", async () => {
		for (let i = 0; i < 7; i++) await create(`paged-${i}`, { labels: { suite: "paged" } });
		const names: string[] = [];
		const versions = new Set<string>();
		let _continue: string | undefined;
		do {
			const page: Json = await custom.listNamespacedCustomObject({ ...inNamespace, limit: 3, _continue });
			names.push(...page.items.map(({ metadata }: Json) => metadata.name));
			versions.add(page.metadata.resourceVersion);
			_continue = page.metadata._continue || page.metadata.continue || undefined;
		} while (_continue);
		expect(names.filter((name) => name.startsWith("paged-"))).toEqual([
			"paged-0",
			"paged-1",
			"paged-2",
			"paged-3",
			"paged-4",
			"paged-5",
			"paged-6",
		]);
		expect(new Set(names).size).toBe(names.length);
		expect(versions.size).toBe(1);
		const all: Json = await custom.listCustomObjectForAllNamespaces({ ...agents, resourcePlural: "agents", labelSelector: "suite=paged" });
		expect(all.items).toHaveLength(7);
		await custom.deleteCollectionNamespacedCustomObject({ ...inNamespace, labelSelector: "suite=paged" });
		expect(((await custom.listNamespacedCustomObject({ ...inNamespace, labelSelector: "suite=paged" })) as Json).items).toEqual([]);
	});

	test("patches in each of the ways that a custom object has", async () => {
		await create("patched");
		const patch = async (type: string, body: unknown, more: object = {}): Promise<Json> =>
			custom.patchNamespacedCustomObject({ ...inNamespace, name: "patched", body, ...more }, as(type));
		expect((await patch(PatchStrategy.JsonPatch, [{ op: "add", path: "/spec/instructions", value: "Be brief." }])).spec.instructions).toBe(
			"Be brief.",
		);
		expect((await patch(PatchStrategy.MergePatch, { spec: { instructions: null } })).spec.instructions).not.toBe("Be brief.");
		const config = { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: "patched" }, spec: { model: "offline/other" } };
		const apply = (more: object) => patch(PatchStrategy.ServerSideApply, config, { fieldManager: "tool", ...more });
		expect(await refusal(apply({}))).toMatchObject({
			code: 409,
			details: { causes: [{ reason: "FieldManagerConflict", field: ".spec.model" }] },
		});
		const applied = await apply({ force: true });
		expect(applied.spec.model).toBe("offline/other");
		expect(applied.metadata.managedFields).toContainEqual(expect.objectContaining({ manager: "tool", operation: "Apply" }));
		expect(await refusal(patch(PatchStrategy.StrategicMergePatch, { spec: {} }))).toMatchObject({
			code: 415,
			reason: "UnsupportedMediaType",
		});
	});

	test("replaces what has not changed meanwhile, and deletes what is meant", async () => {
		const created = await create("replaced");
		const place = { ...inNamespace, name: "replaced" };
		const next: Json = await custom.replaceNamespacedCustomObject({
			...place,
			body: { ...created, spec: { ...created.spec, model: "offline/two" } },
		});
		expect(next.metadata.generation).toBe(2);
		expect(await refusal(custom.replaceNamespacedCustomObject({ ...place, body: created }))).toMatchObject({
			code: 409,
			reason: "Conflict",
		});
		const { uid } = created.metadata;
		expect(await refusal(custom.deleteNamespacedCustomObject({ ...place, body: { preconditions: { uid: "another" } } }))).toMatchObject({
			code: 409,
			message: expect.stringContaining("Precondition failed: UID in precondition: another"),
		});
		expect(
			await refusal(
				custom.deleteNamespacedCustomObject({
					...place,
					body: { preconditions: { uid, resourceVersion: created.metadata.resourceVersion } },
				}),
			),
		).toMatchObject({ code: 409 });
		await custom.deleteNamespacedCustomObject({ ...place, body: { preconditions: { uid } } });
		expect(await refusal(custom.getNamespacedCustomObject(place))).toMatchObject({
			code: 404,
			message: 'agents.klaw.sh "replaced" not found',
		});
	});
});

describe("the client that finds kinds by discovery", () => {
	test("creates, reads, patches, lists and deletes objects of any kind", async () => {
		const objects = KubernetesObjectApi.makeApiClient(config);
		const header = { apiVersion: "klaw.sh/v1", kind: "CronTask", metadata: { name: "nightly", namespace } };
		const created: Json = await objects.create({
			...header,
			spec: { schedule: "0 3 * * *", taskTemplate: { spec: { prompt: "tidy up" } } },
		} as Json);
		expect(created).toMatchObject({ kind: "CronTask", spec: { schedule: "0 3 * * *" } });
		expect(((await objects.read(header)) as Json).metadata.uid).toBe(created.metadata.uid);
		const patched: Json = await objects.patch(
			{ ...header, spec: { suspend: true } } as Json,
			undefined,
			undefined,
			undefined,
			undefined,
			PatchStrategy.MergePatch,
		);
		expect(patched.spec).toMatchObject({ suspend: true, schedule: "0 3 * * *" });
		expect((await objects.list("klaw.sh/v1", "CronTask", namespace)).items).toHaveLength(1);
		await objects.delete(header);
		expect(await refusal(objects.read(header))).toMatchObject({ code: 404 });
		const role: Json = await objects.create({
			apiVersion: "rbac.authorization.k8s.io/v1",
			kind: "ClusterRole",
			metadata: { name: "by-discovery" },
			rules: [],
		} as Json);
		expect(role.metadata.namespace).toBeUndefined();
	});
});
