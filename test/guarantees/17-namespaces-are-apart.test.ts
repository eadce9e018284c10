/** Guarantee 17: whoever belongs to one namespace can neither see, name nor time anything in another. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Json, Klaw, until } from "../e2e/klaw-process.ts";

const OWN = "green";
const OTHER = "blue";
/** There is no such namespace. As long as the other, so that lengths do not differ. */
const MISSING = "grey";
/** What everything in the other namespace is called; a stranger may guess it. */
const CANARY = "canary-7f3a";
/** Of the same length, and nothing there is called like this. */
const NOTHING = "absent-7f3a";
/** What stands in everything there; no stranger ever says it. */
const HUSH = "hush-5b1c";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const klawIn = (namespace: string) => `/apis/klaw.sh/v1/namespaces/${namespace}`;
const coreIn = (namespace: string) => `/api/v1/namespaces/${namespace}`;

let klaw: Klaw;
/** Of a ServiceAccount that administers its own namespace, and has nothing else. */
let token: string;
/** Uids of what is in the other namespace. */
const uids: string[] = [];
/** All that the stranger was ever answered. */
const heard: string[] = [];

beforeAll(async () => {
	klaw = await Klaw.start();
	for (const namespace of [OWN, OTHER]) await make("/api/v1/namespaces", { metadata: { name: namespace } });
	for (const namespace of [OWN, OTHER])
		await make(`${klawIn(namespace)}/agents`, { metadata: { name: "shell" }, spec: { model: "offline/shell" } });
	await make(`${klawIn(OTHER)}/agents`, { metadata: { name: CANARY, labels: { is: HUSH } }, spec: { instructions: HUSH } });
	await make(`${coreIn(OTHER)}/secrets`, { metadata: { name: CANARY }, stringData: { [HUSH]: HUSH } });
	await make(`${coreIn(OTHER)}/configmaps`, { metadata: { name: CANARY }, data: { [HUSH]: HUSH } });
	await make(`${coreIn(OTHER)}/serviceaccounts`, { metadata: { name: CANARY } });
	// It holds a node, so that there is something to execute on, to read and to measure.
	await make(`${klawIn(OTHER)}/tasks`, { metadata: { name: CANARY }, spec: { agent: "shell", prompt: `$ echo ${HUSH}\n$ sleep 600` } });
	await until(async () => (await klaw.api("GET", `${klawIn(OTHER)}/sessions/${CANARY}`)).body.status?.node !== undefined, 60_000);

	await make(`${coreIn(OWN)}/serviceaccounts`, { metadata: { name: "stranger" } });
	await make(`${RBAC}/namespaces/${OWN}/rolebindings`, {
		metadata: { name: "stranger" },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
		subjects: [{ kind: "ServiceAccount", name: "stranger", namespace: OWN }],
	});
	token = (await make(`${coreIn(OWN)}/serviceaccounts/stranger/token`, { spec: {} })).status.token;
});
afterAll(() => klaw?.remove());

/** Creates something as the administrator, and remembers it when it is the other namespace's. */
async function make(path: string, object: object): Promise<Json> {
	const { status, body } = await klaw.api("POST", path, object);
	if (status !== 201) throw new Error(JSON.stringify(body));
	if (path.includes(`/${OTHER}/`)) uids.push(body.metadata.uid);
	return body;
}

interface Heard {
	status: number;
	headers: Record<string, string>;
	text: string;
}

/** A request of the stranger, and everything that they can see of its answer. */
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Heard> {
	const response = await fetch(klaw.url + path, {
		method,
		headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	const text = await response.text();
	heard.push(text, JSON.stringify([...response.headers]));
	const { date: _, ...seen } = Object.fromEntries(response.headers);
	return { status: response.status, headers: seen, text };
}

const MERGE = { "Content-Type": "application/merge-patch+json" };
const APPLY = { "Content-Type": "application/apply-patch+yaml" };
const TABLE = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

type Asked = [what: string, method: string, path: (namespace: string) => string, body?: unknown, headers?: Record<string, string>];

const NAMED: Asked[] = ["agents", "agentrevisions", "sessions", "tasks", "crontasks", "channels", "skills", "auditrecords"].flatMap(
	(plural): Asked[] => [
		[`list ${plural}`, "GET", (namespace) => `${klawIn(namespace)}/${plural}`],
		[`get ${plural}`, "GET", (namespace) => `${klawIn(namespace)}/${plural}/${CANARY}`],
	],
);

const CORE: Asked[] = ["configmaps", "secrets", "serviceaccounts", "pods", "events", "resourcequotas"].flatMap((plural): Asked[] => [
	[`list ${plural}`, "GET", (namespace) => `${coreIn(namespace)}/${plural}`],
	[`list ${plural} as a Table`, "GET", (namespace) => `${coreIn(namespace)}/${plural}`, undefined, TABLE],
	[`count ${plural}`, "GET", (namespace) => `${coreIn(namespace)}/${plural}?limit=1`],
	[`watch ${plural}`, "GET", (namespace) => `${coreIn(namespace)}/${plural}?watch=true`],
	[`get ${plural}`, "GET", (namespace) => `${coreIn(namespace)}/${plural}/${CANARY}`],
	[`choose ${plural} by name`, "GET", (namespace) => `${coreIn(namespace)}/${plural}?fieldSelector=metadata.name%3D${CANARY}`],
]);

const ACTS: Asked[] = [
	["read the log", "GET", (namespace) => `${coreIn(namespace)}/pods/${CANARY}/log`],
	["follow the log", "GET", (namespace) => `${coreIn(namespace)}/pods/${CANARY}/log?follow=true`],
	["execute a command", "GET", (namespace) => `${coreIn(namespace)}/pods/${CANARY}/exec?command=id&stdout=true`],
	["execute a command by POST", "POST", (namespace) => `${coreIn(namespace)}/pods/${CANARY}/exec?command=id&stdout=true`],
	["evict", "POST", (namespace) => `${coreIn(namespace)}/pods/${CANARY}/eviction`, { metadata: { name: CANARY } }],
	["measure pods", "GET", (namespace) => `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`],
	["measure one", "GET", (namespace) => `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods/${CANARY}`],
	["follow a session", "GET", (namespace) => `${klawIn(namespace)}/sessions/${CANARY}/events?follow=true`],
	["send a message", "POST", (namespace) => `${klawIn(namespace)}/sessions/${CANARY}/messages`, { text: "hello" }],
	["cancel a session", "POST", (namespace) => `${klawIn(namespace)}/sessions/${CANARY}/cancel`, {}],
	["cancel a task", "POST", (namespace) => `${klawIn(namespace)}/tasks/${CANARY}/cancel`, {}],
	["create what is there", "POST", (namespace) => `${klawIn(namespace)}/agents`, { metadata: { name: CANARY } }],
	["create as a dry run", "POST", (namespace) => `${klawIn(namespace)}/agents?dryRun=All`, { metadata: { name: CANARY } }],
	["replace", "PUT", (namespace) => `${klawIn(namespace)}/agents/${CANARY}`, { metadata: { name: CANARY } }],
	["patch", "PATCH", (namespace) => `${klawIn(namespace)}/agents/${CANARY}`, {}, MERGE],
	[
		"apply",
		"PATCH",
		(namespace) => `${klawIn(namespace)}/agents/${CANARY}?fieldManager=x`,
		{ apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name: CANARY } },
		APPLY,
	],
	["delete", "DELETE", (namespace) => `${klawIn(namespace)}/agents/${CANARY}`],
	["delete all", "DELETE", (namespace) => `${klawIn(namespace)}/agents`],
	["write a status", "PATCH", (namespace) => `${klawIn(namespace)}/agents/${CANARY}/status`, {}, MERGE],
	["ask for a token", "POST", (namespace) => `${coreIn(namespace)}/serviceaccounts/${CANARY}/token`, { spec: {} }],
	["act as one of theirs", "GET", () => `${klawIn(OWN)}/agents`],
	["look at the namespace", "GET", (namespace) => `/api/v1/namespaces/${namespace}`],
	["delete the namespace", "DELETE", (namespace) => `/api/v1/namespaces/${namespace}`],
	["ask what is allowed there", "POST", () => "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"],
	["ask whether something is", "POST", () => "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"],
	[
		"ask about others",
		"POST",
		(namespace) => `/apis/authorization.k8s.io/v1/namespaces/${namespace}/localsubjectaccessreviews`,
		{ spec: { user: "x" } },
	],
];

/** What some requests say beyond their path. */
function more(what: string, namespace: string): { body?: unknown; headers?: Record<string, string> } {
	if (what === "act as one of theirs") return { headers: { "Impersonate-User": `system:serviceaccount:${namespace}:${CANARY}` } };
	if (what === "ask what is allowed there") return { body: { spec: { namespace } } };
	if (what === "ask whether something is")
		return { body: { spec: { resourceAttributes: { namespace, verb: "get", group: "klaw.sh", resource: "agents", name: CANARY } } } };
	return {};
}

/** What the stranger sees of an answer about a namespace, but for its name. */
async function seen([what, method, path, body, headers]: Asked, namespace: string, name = CANARY): Promise<Heard> {
	const extra = more(what, namespace);
	const renamed = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value).replaceAll(CANARY, name)));
	const answer = await ask(method, renamed(path(namespace)), renamed(extra.body ?? body), renamed({ ...headers, ...extra.headers }));
	const plain = (text: string) => text.replaceAll(namespace, "NAMESPACE").replaceAll(name, "NAME");
	return { status: answer.status, headers: JSON.parse(plain(JSON.stringify(answer.headers))), text: plain(answer.text) };
}

describe("a stranger is told the same of a namespace that is there and of one that is not", () => {
	test.each([...NAMED, ...CORE, ...ACTS])("when they %s", async (...asked) => {
		const there = await seen(asked, OTHER);
		expect(await seen(asked, MISSING)).toEqual(there);
		// Nor of an object that is there and one that is not.
		expect(await seen(asked, OTHER, NOTHING)).toEqual(there);
		const isReview = there.text.includes("SubjectAccessReview") || there.text.includes("SubjectRulesReview");
		if (isReview && there.status === 201) expect(there.text).not.toContain('"allowed":true');
		else expect(there).toMatchObject({ status: 403, text: expect.stringContaining('"reason":"Forbidden"') });
	});
});

describe("a stranger learns nothing of others where they look at everything", () => {
	test.each([
		"/api/v1/namespaces",
		"/api/v1/namespaces?watch=true",
		"/api/v1/pods",
		"/api/v1/secrets",
		"/api/v1/events",
		"/api/v1/nodes",
		"/apis/klaw.sh/v1/agents",
		"/apis/klaw.sh/v1/agents?limit=1",
		"/apis/klaw.sh/v1/agents?watch=true",
		"/apis/klaw.sh/v1/auditrecords",
		"/apis/events.k8s.io/v1/events",
		"/apis/metrics.k8s.io/v1beta1/pods",
		"/apis/metrics.k8s.io/v1beta1/nodes",
		`${RBAC}/rolebindings`,
		`${RBAC}/clusterroles`,
		`${RBAC}/clusterrolebindings`,
		`/apis/klaw.sh/v1/agents?fieldSelector=metadata.namespace%3D${OWN}`,
	])("%s is refused", async (path) => {
		const { status, text } = await ask("GET", path);
		expect(status).toBe(403);
		expect(JSON.parse(text).message).toContain("at the cluster scope");
	});

	test("and what is served, and how, does not tell what there is", async () => {
		const documents = async () =>
			Promise.all(["/api", "/apis", "/apis/klaw.sh/v1", "/openapi/v3", "/version"].map(async (path) => (await ask("GET", path)).text));
		const before = await documents();
		await make(`${klawIn(OTHER)}/agents`, { metadata: { name: `${CANARY}-more` } });
		expect(await documents()).toEqual(before);
	});
});

describe("a stranger sees of their own namespace what is their own", () => {
	test("whose versions and counts do not move with what others do", async () => {
		const look = async () => {
			const { text } = await ask("GET", `${klawIn(OWN)}/agents?limit=1`);
			return JSON.parse(text).metadata;
		};
		await make(`${klawIn(OWN)}/agents`, { metadata: { name: "second" } });
		const before = await look();
		expect(before.remainingItemCount).toBe(1);
		for (let i = 0; i < 5; i++) await make(`${klawIn(OTHER)}/agents`, { metadata: { name: `${CANARY}-${i}` } });
		expect(await look()).toEqual(before);
	});

	test("whose events, logs and records speak of nothing else", async () => {
		await make(`${klawIn(OWN)}/tasks`, { metadata: { name: "own" }, spec: { agent: "shell", prompt: "hello" } });
		await until(async () => (await klaw.api("GET", `${klawIn(OWN)}/tasks/own`)).body.status?.phase === "Succeeded", 60_000);
		for (const path of [
			`${coreIn(OWN)}/events`,
			`${coreIn(OWN)}/pods/own/log`,
			`${klawIn(OWN)}/auditrecords`,
			`${klawIn(OWN)}/sessions/own/events`,
		]) {
			const { status, text } = await ask("GET", path);
			expect({ path, status }).toEqual({ path, status: 200 });
			expect(text).not.toMatch(/"namespace": ?"blue"/);
		}
	});

	test("though an object of the same name is in the other", async () => {
		await make(`${klawIn(OWN)}/agents`, { metadata: { name: CANARY } });
		const { text } = await ask("GET", `${klawIn(OWN)}/agents/${CANARY}`);
		expect(uids).not.toContain(JSON.parse(text).metadata.uid);
		expect((await ask("DELETE", `${klawIn(OWN)}/agents/${CANARY}`)).status).toBe(200);
		expect((await klaw.api("GET", `${klawIn(OTHER)}/agents/${CANARY}`)).status).toBe(200);
	});
});

test("nothing that a stranger was told has an id or a text of the other namespace", () => {
	const all = heard.join("\n");
	for (const uid of uids) expect(all).not.toContain(uid);
	expect(heard.length).toBeGreaterThan(100);
	expect(all).not.toContain(HUSH);
});

test("a refusal takes as long for what is there as for what is not", async () => {
	const times = new Map([OTHER, MISSING].map((namespace) => [namespace, [] as number[]]));
	for (let round = 0; round < 100; round++) {
		for (const [namespace, taken] of times) {
			const start = performance.now();
			const { status } = await ask("GET", `${klawIn(namespace)}/agents/${CANARY}`);
			taken.push(performance.now() - start);
			expect(status).toBe(403);
		}
	}
	const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]?.toFixed(2);
	// Machines differ, so it is for people to look at: the way is the same, by the same objects.
	console.log(`median of a refusal: ${median(times.get(OTHER) ?? [])} ms in a namespace, ${median(times.get(MISSING) ?? [])} ms in none`);
});
