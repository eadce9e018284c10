import { describe, expect, test } from "vitest";
import { asServiceAccount, createTask, ENDED, eventually, journal, NAMESPACE, request, taskPhase } from "../../test/fakes/api.ts";
import { dialAs, joinAs, newJoinToken, RawNode } from "../../test/fakes/raw-node.ts";

const GUESS = `klaw-node-${"A".repeat(43)}`;

/** A machine that has joined, with its credential. */
async function joined(name: string, uid = `${name}-machine`): Promise<string> {
	const { code, body } = await joinAs(name, await newJoinToken(), { uid });
	if (code !== 201) throw new Error(JSON.stringify(body));
	return body.credential;
}

/** The machine is welcomed as the node, and the name is its own. */
async function dialledIn(name: string, uid: string, credential: string): Promise<void> {
	const { webSocket } = await dialAs(name, credential);
	if (!webSocket) throw new Error("The link stays shut.");
	webSocket.accept();
	const answer = new Promise<string>((resolve) =>
		webSocket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true }),
	);
	const capacity = { cpu: 1, memory: 2 ** 30, slots: 1 };
	const node = { name, uid, version: "1", os: "linux", arch: "x64", capacity };
	webSocket.send(JSON.stringify({ v: 1, type: "hello", id: "h", incarnation: 0, node }));
	expect(JSON.parse(await answer)).toMatchObject({ type: "welcome" });
	webSocket.close();
}

async function opens(name: string, credential: string): Promise<number> {
	const { status, webSocket } = await dialAs(name, credential);
	webSocket?.accept();
	webSocket?.close();
	return status;
}

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

describe("a machine joins", () => {
	test("with a join token, for a credential that opens its node's link", async () => {
		const credential = await joined("n1");
		expect(credential).toMatch(/^klaw-node-[\w-]{43}$/);
		expect(await opens("n1", credential)).toBe(101);
	});

	test("again with the credential that it has, which is void then, and not with no more than its uid", async () => {
		const uid = "machine-2";
		const first = await joined("n2", uid);
		await dialledIn("n2", uid, first);
		const again = async (credential?: string) => joinAs("n2", await newJoinToken(), { uid, credential });
		for (const shown of [undefined, GUESS]) {
			expect(await again(shown)).toMatchObject({ code: 409, body: { message: expect.stringContaining("klaw delete node n2") } });
		}
		expect(await opens("n2", first)).toBe(101);
		const { code, body } = await again(first);
		expect([code, await opens("n2", first), await opens("n2", body.credential)]).toEqual([201, 401, 101]);
	});

	test("not with any other token, and is told which it takes", async () => {
		const account = await asServiceAccount("default", "machine");
		const others = ["test-admin-token", "wrong", account.Authorization?.slice(7) ?? "", `klaw-join-${"A".repeat(43)}`];
		for (const token of others) {
			const { code, body } = await joinAs("n3", token, { uid: "u" });
			expect([token, code, body.message]).toEqual([token, 401, expect.stringContaining("klaw node token create")]);
			expect(body.message).not.toContain(token);
		}
		expect((await request("POST", "/api/v1/nodes/n3/join", { uid: "u" }, { Authorization: "" })).code).toBe(401);
	});

	test("not with a token that is for another node", async () => {
		const token = await newJoinToken({ nodeName: "n4" });
		expect(await joinAs("n5", token, { uid: "u" })).toMatchObject({
			code: 403,
			body: { message: expect.stringMatching(/for the node "n4", not for "n5".*klaw node token create --node n5$/) },
		});
		expect((await joinAs("n4", token, { uid: "u" })).code).toBe(201);
	});

	test("not with a token that as many machines have used as may", async () => {
		const token = await newJoinToken({ uses: 1 });
		expect((await joinAs("n6", token, { uid: "u6" })).code).toBe(201);
		expect((await joinAs("n6", token, { uid: "u6" })).code).toBe(201);
		expect(await joinAs("n7", token, { uid: "u7" })).toMatchObject({
			code: 401,
			body: { message: expect.stringMatching(/^The join token is used up: one machine has joined with it/) },
		});
	});

	test("not with a token that was deleted", async () => {
		const { body } = await request("POST", "/apis/klaw.sh/v1/nodejointokens", { metadata: { name: "short" } });
		await request("DELETE", "/apis/klaw.sh/v1/nodejointokens/short");
		expect((await joinAs("n8", body.status.token, { uid: "u" })).code).toBe(401);
	});

	test("not in a cluster that is not there, nor with the token of another cluster", async () => {
		const token = await newJoinToken();
		await request("POST", "/apis/klaw.sh/v1/clusters", { metadata: { name: "lab" } });
		for (const cluster of ["ghost", "lab"]) {
			const path = `/clusters/${cluster}/api/v1/nodes/n9/join`;
			expect((await request("POST", path, { uid: "u" }, { Authorization: `Bearer ${token}` })).code).toBe(401);
		}
	});

	test.each([
		["N_1", { uid: "u" }, 422],
		["n10", {}, 400],
		["n10", { uid: "" }, 400],
		["n10", { uid: "x".repeat(200) }, 400],
		["n10", "no json", 400],
		["n10", undefined, 400],
	])("under a name and with a uid that may be: %s %j", async (name, body, code) => {
		const token = await newJoinToken();
		const answer = await request("POST", `/api/v1/nodes/${name}/join`, body, { Authorization: `Bearer ${token}` });
		expect(answer).toMatchObject({ code, body: { kind: "Status" } });
	});

	test("and it is on record who did, without anything secret", async () => {
		const { body } = await request("POST", "/apis/klaw.sh/v1/nodejointokens", { metadata: { name: "known" } });
		const { body: answer } = await joinAs("n11", body.status.token, { uid: "u" });
		const records = await request("GET", "/apis/klaw.sh/v1/auditrecords");
		expect(records.body.items).toContainEqual(
			expect.objectContaining({
				user: { username: "system:bootstrap:known", groups: ["system:bootstrappers", "system:authenticated"] },
				objectRef: expect.objectContaining({ resource: "nodes", subresource: "join", name: "n11" }),
				responseStatus: expect.objectContaining({ code: 201 }),
			}),
		);
		for (const secret of [body.status.token, answer.credential]) expect(records.text).not.toContain(secret);
	});
});

describe("the link of a node", () => {
	test.each(["wrong", "test-admin-token", GUESS])("stays shut for %s", async (token) => {
		await joined("shut");
		const response = await dialAs("shut", token);
		expect(response.status).toBe(401);
		expect(await response.json()).toMatchObject({ kind: "Status", message: expect.stringContaining("klaw node token create") });
	});

	test("stays shut for the credential of another node, and for a join token", async () => {
		const [credential, token] = [await joined("mine"), await newJoinToken()];
		await joined("other");
		expect([await opens("other", credential), await opens("other", token)]).toEqual([401, 401]);
	});

	test("stays shut for a node that nobody joined as", async () => {
		expect(await opens("nobody", GUESS)).toBe(401);
	});

	test("is for WebSockets", async () => {
		const headers = { Authorization: `Bearer ${await joined("plain")}` };
		expect(await request("GET", "/api/v1/nodes/plain/link", undefined, headers)).toMatchObject({
			code: 400,
			body: { message: expect.stringContaining("WebSocket upgrades only") },
		});
	});

	test("is for names that a node may have", async () => {
		expect((await dialAs("N_1", GUESS)).status).toBe(422);
	});

	test("a second machine under the name is refused before anything changes, and the first one works on", async () => {
		const first = await RawNode.join("taken", "machine-1");
		const { code, body } = await joinAs("taken", await newJoinToken(), { uid: "machine-2" });
		expect([code, body.message]).toEqual([409, expect.stringContaining('Another machine has joined as node "taken" already.')]);
		expect(first.closed).toBeUndefined();
		const again = await RawNode.dial("taken", "machine-1");
		expect((await again.next("welcome")).incarnation).toBe(first.incarnation);
	});

	test("closes with a sentence when the node is deleted, and its credential is void at once", async () => {
		const credential = await joined("gone", "machine-1");
		const node = await RawNode.join("gone", "machine-1");
		expect((await request("DELETE", "/api/v1/nodes/gone")).code).toBe(200);
		expect(await node.next("reject")).toMatchObject({ code: "Deleted", retryable: false, message: expect.stringContaining("was deleted") });
		expect(await opens("gone", credential)).toBe(401);
		const other = await RawNode.join("gone", "machine-2");
		expect(other.incarnation).toBeGreaterThan(node.incarnation);
	});
});

/** Events of a node as kubectl describe asks for them: of no namespace, so of all. */
async function eventsOf(node: string): Promise<string[]> {
	const { body } = await request(
		"GET",
		`/api/v1/events?fieldSelector=involvedObject.kind=Node,involvedObject.name=${node},involvedObject.namespace=`,
	);
	return body.items.map(({ type, reason, message, count }: Record<string, string>) => `${type} ${reason} ${count}: ${message}`);
}

const shows = (node: string, ...events: string[]) =>
	eventually(
		() => eventsOf(node),
		(seen) => events.every((event) => seen.includes(event)),
	);

describe("the events of a node", () => {
	test("tell in Kubernetes' words that it joins, is ready, goes and comes back, is cordoned and is removed", async () => {
		const node = await RawNode.join("told", "machine-1");
		await shows("told", "Normal RegisteredNode 1: Node told event: Registered Node told in Controller");
		await shows("told", "Normal NodeReady 1: Node told status is now: NodeReady");
		for (const unschedulable of [true, null]) {
			const headers = { "Content-Type": "application/merge-patch+json" };
			expect((await request("PATCH", "/api/v1/nodes/told", { spec: { unschedulable } }, headers)).code).toBe(200);
		}
		await shows("told", "Normal NodeNotSchedulable 1: Node told status is now: NodeNotSchedulable");
		await shows("told", "Normal NodeSchedulable 1: Node told status is now: NodeSchedulable");
		node.close();
		await shows("told", "Normal NodeNotReady 1: Node told status is now: NodeNotReady");
		await RawNode.join("told", "machine-1");
		await shows("told", "Normal NodeReady 2: Node told status is now: NodeReady");
		await request("DELETE", "/api/v1/nodes/told");
		await shows("told", "Normal RemovingNode 1: Node told event: Removing Node told from Controller");
	});

	test("are in the namespace default, and name the node by its uid", async () => {
		await RawNode.join("named", "machine-1");
		await shows("named", "Normal NodeReady 1: Node named status is now: NodeReady");
		const { body: node } = await request("GET", "/api/v1/nodes/named");
		const { body } = await request("GET", `/api/v1/namespaces/default/events?fieldSelector=involvedObject.uid=${node.metadata.uid}`);
		expect(body.items).toContainEqual(
			expect.objectContaining({
				metadata: expect.objectContaining({ namespace: "default" }),
				involvedObject: { apiVersion: "v1", kind: "Node", name: "named", uid: node.metadata.uid },
				source: { component: "klaw" },
			}),
		);
		await request("DELETE", "/api/v1/nodes/named");
	});
});

describe("a machine whose connection ends while it has a call", () => {
	test("is waited for with a word: the task and the session say so, until it is back", async () => {
		const node = await RawNode.join("shaky", "machine-1");
		const spec = { model: "offline/shell", nodeSelector: { "kubernetes.io/hostname": "shaky" } };
		await request("POST", `${NAMESPACE}/agents`, { metadata: { name: "there" }, spec });
		await createTask("waits", "$ sleep 1000", { agent: "there" });
		const call = await node.next("call");
		node.close();
		const task = () => request("GET", `${NAMESPACE}/tasks/waits`);
		const waiting = await eventually(task, ({ body }) => body.status.waitingFor !== undefined);
		expect(waiting.body.status.waitingFor).toMatch(/^Node shaky is not connected since \S+Z\. It is given until \S+Z; then it is lost/);
		expect((await request("GET", `${NAMESPACE}/sessions/waits`)).body.status).toMatchObject({ phase: "Waiting", node: "shaky" });
		const events =
			"/api/v1/namespaces/default/events?fieldSelector=involvedObject.kind=Session,involvedObject.name=waits,reason=NodeNotReady";
		expect((await request("GET", events)).body.items).toMatchObject([{ type: "Warning", message: "Node is not ready" }]);

		const back = await RawNode.dial("shaky", "machine-1", [{ callId: call.id, session: call.session, state: "running" }]);
		back.incarnation = (await back.next("welcome")).incarnation;
		await eventually(task, ({ body }) => body.status.waitingFor === undefined);
		expect((await journal("waits")).map(({ event }) => event.type).filter((type) => type.startsWith("node."))).toEqual([
			"node.silent",
			"node.heard",
		]);
		back.result(call, "done");
		expect(await taskPhase("waits", ENDED)).toMatchObject({ phase: "Succeeded" });
		await request("DELETE", "/api/v1/nodes/shaky");
	});
});
