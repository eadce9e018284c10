import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { eventually, inNamespace, request } from "../../test/fakes/api.ts";
import { namespaceObjectName } from "../names.ts";

const stubOf = (namespace: string) => env.NAMESPACE.getByName(namespaceObjectName(namespace, "default"));
const alarmOf = (namespace: string) => runInDurableObject(stubOf(namespace), (_, { storage }) => storage.getAlarm());
const recordsOf = (namespace: string) =>
	runInDurableObject(stubOf(namespace), (_, { storage }) => storage.sql.exec("SELECT max(id) AS id FROM audit").one().id);
const deleteNamespace = (name: string) => request("DELETE", `/api/v1/namespaces/${name}`);
const isGone = (name: string) =>
	eventually(
		() => request("GET", `/api/v1/namespaces/${name}`),
		({ code }) => code === 404,
	);

async function newSession(namespace: string, name: string, metadata = {}) {
	const path = inNamespace(namespace);
	await request("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
	await request("POST", `${path}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
	expect((await request("POST", `${path}/sessions`, { metadata: { name, ...metadata } })).code).toBe(201);
	return `${path}/sessions/${name}`;
}

test("a namespace with sessions ends by its alarm alone", async () => {
	await newSession("ending", "s1");
	await deleteNamespace("ending");
	await eventually(
		() => runInDurableObject(stubOf("ending"), (_, { storage }) => storage.sql.exec("SELECT 1 FROM work").toArray()),
		(work) => work.length === 0,
	);
	expect(await alarmOf("ending")).not.toBeNull();
	await runDurableObjectAlarm(stubOf("ending"));
	await isGone("ending");
});

test("a namespace that a finalizer holds is left alone for longer and longer, and leaves no records of it", async () => {
	const session = await newSession("held", "s1", { finalizers: ["klaw.sh/hold"] });
	await deleteNamespace("held");
	await eventually(
		() => request("GET", session),
		({ body }) => body.metadata?.deletionTimestamp !== undefined,
	);
	const before = await recordsOf("held");
	for (let step = 0; step < 8; step++) await runDurableObjectAlarm(stubOf("held"));
	expect(await recordsOf("held")).toBe(before);
	expect(await alarmOf("held")).toBeGreaterThan(Date.now() + 30_000);

	await request("PATCH", session, { metadata: { finalizers: null } }, { "Content-Type": "application/merge-patch+json" });
	await eventually(
		async () => {
			await runDurableObjectAlarm(stubOf("held"));
			return request("GET", "/api/v1/namespaces/held");
		},
		({ code }) => code === 404,
	);
});

test("a watch of a namespace that is gone does not go on in a later one of the same name", async () => {
	const path = "/api/v1/namespaces/again/configmaps";
	await request("POST", "/api/v1/namespaces", { metadata: { name: "again" } });
	await request("POST", path, { metadata: { name: "old" } });
	const { resourceVersion } = (await request("GET", path)).body.metadata;
	await deleteNamespace("again");
	await isGone("again");
	await request("POST", "/api/v1/namespaces", { metadata: { name: "again" } });
	for (const name of ["a", "b", "c", "d"]) await request("POST", path, { metadata: { name } });
	const watch = await request("GET", `${path}?watch=true&timeoutSeconds=1&resourceVersion=${resourceVersion}`);
	expect(watch).toMatchObject({ code: 410, body: { reason: "Expired" } });
});

test("a session that is deleted in the foreground goes", async () => {
	const session = await newSession("foreground", "s1");
	expect((await request("DELETE", `${session}?propagationPolicy=Foreground`)).code).toBe(200);
	await eventually(
		() => request("GET", session),
		({ code }) => code === 404,
	);
});
