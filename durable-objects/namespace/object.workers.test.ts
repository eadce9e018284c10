import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { eventually, inNamespace, request } from "../../test/fakes/api.ts";
import { namespaceObjectName, sessionObjectName } from "../names.ts";

const stubOf = (namespace: string) => env.NAMESPACE.getByName(namespaceObjectName(namespace, "default"));
const sessionOf = (namespace: string, session: string) => env.SESSION.getByName(sessionObjectName(namespace, session, "default"));

/** A namespace with an agent that answers at once, unless it is asked to run something: there is no node. */
async function newNamespace(name: string) {
	const path = inNamespace(name);
	await request("POST", "/api/v1/namespaces", { metadata: { name } });
	await request("POST", `${path}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
	return path;
}

/** Until its next eviction the namespace reaches no session. */
function cutOff(namespace: string): Promise<void> {
	return runInDurableObject(stubOf(namespace), (instance) => {
		const unreachable = () => {
			throw Object.assign(new Error("the network is cut"), { retryable: true });
		};
		Reflect.set(instance, "env", { ...env, SESSION: { getByName: unreachable } });
	});
}

async function createTask(path: string, name: string, spec: object) {
	const { code, body } = await request("POST", `${path}/tasks`, { metadata: { name }, spec });
	expect(code).toBe(201);
	return body;
}

const statusOf = async (path: string) => (await request("GET", path)).body.status;
const becomes = (path: string, phase: string) =>
	eventually(
		() => statusOf(path),
		(status) => status?.phase === phase,
	);
const alarmOf = (namespace: string) => runInDurableObject(stubOf(namespace), (_, { storage }) => storage.getAlarm());
const workOf = (namespace: string) =>
	runInDurableObject(stubOf(namespace), (_, { storage }) => storage.sql.exec("SELECT session FROM work").toArray());

describe("a task", () => {
	test("goes its way with nobody watching, and leaves no alarm and no work behind", async () => {
		const path = await newNamespace("way");
		expect((await createTask(path, "t1", { prompt: "hello" })).status).toEqual({ phase: "Pending", session: "t1" });
		const status = await becomes(`${path}/tasks/t1`, "Succeeded");
		expect(status).toMatchObject({
			result: expect.stringContaining("offline/shell"),
			session: "t1",
			iterations: 1,
			usage: { output: expect.any(Number) },
		});
		expect(Date.parse(status.completionTime)).toBeGreaterThanOrEqual(Date.parse(status.startTime));
		expect(await workOf("way")).toEqual([]);
		expect(await alarmOf("way")).toBeNull();
	});

	test("that was accepted while its session could not be reached says so, and is told to it by the alarm alone after a restart", async () => {
		const path = await newNamespace("cut");
		await cutOff("cut");
		await createTask(path, "t1", { prompt: "hello" });
		const status = await eventually(
			() => statusOf(`${path}/tasks/t1`),
			({ waitingFor }) => waitingFor !== undefined,
		);
		expect(status).toMatchObject({
			phase: "Pending",
			waitingFor: "Session t1 could not be reached (the network is cut). It is tried again.",
		});
		expect(await alarmOf("cut")).not.toBeNull();
		await evictDurableObject(stubOf("cut"));
		await runDurableObjectAlarm(stubOf("cut"));
		expect(await becomes(`${path}/tasks/t1`, "Succeeded")).not.toHaveProperty("waitingFor");
		await eventually(
			() => alarmOf("cut"),
			(at) => at === null,
		);
	});

	test("whose session is only just being told has its alarm already", async () => {
		const path = await newNamespace("told");
		const told = Promise.withResolvers<never>();
		await runInDurableObject(stubOf("told"), (instance) => {
			Reflect.set(instance, "env", { ...env, SESSION: { getByName: () => ({ send: () => told.promise }) } });
		});
		await createTask(path, "t1", { prompt: "hello" });
		expect(await alarmOf("told")).toBeLessThan(Date.now() + 3_000);
		told.reject(new Error("never mind"));
	});

	test("whose acceptance was lost is not done twice", async () => {
		const path = await newNamespace("lost");
		// The session gets the prompt, and its answer never arrives.
		await runInDurableObject(stubOf("lost"), (instance) => {
			const getByName = (name: string) => ({
				send: async (input: Parameters<ReturnType<typeof sessionOf>["send"]>[0]) => {
					await env.SESSION.getByName(name).send(input);
					throw new Error("the answer was lost");
				},
			});
			Reflect.set(instance, "env", { ...env, SESSION: { getByName } });
		});
		const { metadata } = await createTask(path, "t1", { prompt: "hello" });
		await becomes(`${path}/tasks/t1`, "Succeeded");
		await evictDurableObject(stubOf("lost"));
		await runDurableObjectAlarm(stubOf("lost"));
		await eventually(
			() => workOf("lost"),
			(work) => work.length === 0,
		);
		const run = await sessionOf("lost", "t1").runOf(`task:${metadata.uid}`);
		expect((await statusOf(`${path}/sessions/t1`)).lastRun.run).toBe(run?.run);
		const { text } = await request("GET", `${path}/sessions/t1/events`);
		expect(text.match(/event: message\.accepted/g)).toHaveLength(1);
	});

	test("cancelled before its session was told is Cancelled at once and never told", async () => {
		const path = await newNamespace("early");
		await cutOff("early");
		const { metadata } = await createTask(path, "t1", { prompt: "hello" });
		const cancelled = await request("POST", `${path}/tasks/t1/cancel`, { reason: "a mistake" });
		expect(cancelled).toMatchObject({
			code: 200,
			body: { status: { phase: "Cancelled", message: "Cancelled by system:admin: a mistake" } },
		});
		await evictDurableObject(stubOf("early"));
		await runDurableObjectAlarm(stubOf("early"));
		await eventually(
			() => workOf("early"),
			(work) => work.length === 0,
		);
		expect(await sessionOf("early", "t1").runOf(`task:${metadata.uid}`)).toBeUndefined();
		expect((await statusOf(`${path}/tasks/t1`)).phase).toBe("Cancelled");
	});

	test("cancelled while it runs is Cancelled by its session, and cancelling again is harmless", async () => {
		const path = await newNamespace("running");
		await createTask(path, "t1", { prompt: "$ sleep 100" });
		await becomes(`${path}/tasks/t1`, "Running");
		for (let i = 0; i < 2; i++) expect((await request("POST", `${path}/tasks/t1/cancel`, { reason: "enough" })).code).toBe(200);
		expect((await becomes(`${path}/tasks/t1`, "Cancelled")).message).toContain("enough");
		expect((await request("POST", `${path}/tasks/t1/cancel`)).body.status.phase).toBe("Cancelled");
	});

	test("deleted while it runs is cancelled first", async () => {
		const path = await newNamespace("deleted");
		await request("POST", `${path}/sessions`, { metadata: { name: "s" } });
		const { metadata } = await createTask(path, "t1", { prompt: "$ sleep 100", session: "s" });
		await becomes(`${path}/tasks/t1`, "Running");
		expect((await request("DELETE", `${path}/tasks/t1`)).body.status).toBe("Success");
		expect((await request("GET", `${path}/tasks/t1`)).code).toBe(404);
		const run = await eventually(
			() => sessionOf("deleted", "s").runOf(`task:${metadata.uid}`),
			(status) => status?.phase === "Cancelled",
		);
		expect(run?.message).toContain("task t1 was deleted");
		expect((await request("GET", `${path}/sessions/s`)).code).toBe(200);
	});

	test("takes the session that was made for it along when it is deleted", async () => {
		const path = await newNamespace("along");
		await createTask(path, "t1", { prompt: "hello" });
		await becomes(`${path}/tasks/t1`, "Succeeded");
		await request("DELETE", `${path}/tasks/t1`);
		await eventually(
			() => request("GET", `${path}/sessions/t1`),
			({ code }) => code === 404,
		);
	});

	test.each([
		["a missing agent", { prompt: "x", agent: "nobody" }, 'spec.agent: Not found: "nobody"'],
		["a missing session", { prompt: "x", session: "gone" }, 'spec.session: Not found: "gone"'],
	])("that names %s is a 422", async (_, spec, sentence) => {
		const path = await newNamespace("missing");
		const answer = await request("POST", `${path}/tasks`, { metadata: { name: "t1" }, spec });
		expect(answer).toMatchObject({ code: 422, body: { message: expect.stringContaining(sentence) } });
	});

	test("in a namespace without agents is a 422 that says to create one", async () => {
		await request("POST", "/api/v1/namespaces", { metadata: { name: "empty" } });
		const answer = await request("POST", `${inNamespace("empty")}/tasks`, { metadata: { name: "t1" }, spec: { prompt: "x" } });
		expect(answer).toMatchObject({
			code: 422,
			body: { message: expect.stringContaining("namespace empty has no agent. Create one first") },
		});
	});
});

describe("a hundred tasks at once", () => {
	test("are all told to their sessions and all end", async () => {
		const path = await newNamespace("hundred");
		const names = Array.from({ length: 100 }, (_, i) => `t${i}`);
		await Promise.all(names.map((name) => createTask(path, name, { prompt: "hello" })));
		const ended = await eventually(
			async () => (await request("GET", `${path}/tasks`)).body.items,
			(items) => items.every((task: { status: { phase: string } }) => task.status.phase === "Succeeded"),
		);
		expect(ended).toHaveLength(100);
		await eventually(
			() => alarmOf("hundred"),
			(at) => at === null,
		);
	});
});

describe("a deleted session", () => {
	test("ends its tasks, is gone, and leaves nothing to the next of its name", async () => {
		const path = await newNamespace("gone");
		await createTask(path, "s", { prompt: "$ sleep 100" });
		await becomes(`${path}/tasks/s`, "Running");
		expect((await request("DELETE", `${path}/sessions/s`)).body.status).toBe("Success");
		expect((await request("GET", `${path}/sessions/s`)).code).toBe(404);
		expect(await statusOf(`${path}/tasks/s`)).toMatchObject({
			phase: "Cancelled",
			message: expect.stringContaining("its session s was deleted"),
		});

		expect((await request("POST", `${path}/sessions`, { metadata: { name: "s" } })).code).toBe(201);
		const sent = await eventually(
			() => request("POST", `${path}/sessions/s/messages`, { text: "hello" }),
			({ code }) => code !== 503,
		);
		expect(sent.code).toBe(202);
		await eventually(
			() => statusOf(`${path}/sessions/s`),
			({ lastRun }) => lastRun?.phase === "Succeeded",
		);
		const { text } = await request("GET", `${path}/sessions/s/events`);
		expect(text).not.toContain("sleep 100");
	});

	test("that cannot be told stays, takes no messages, and goes when it can be", async () => {
		const path = await newNamespace("stays");
		await request("POST", `${path}/sessions`, { metadata: { name: "s" } });
		await cutOff("stays");
		expect((await request("DELETE", `${path}/sessions/s`)).code).toBe(200);
		expect((await request("GET", `${path}/sessions/s`)).body.metadata.deletionTimestamp).toBeDefined();
		expect(await request("POST", `${path}/sessions/s/messages`, { text: "x" })).toMatchObject({
			code: 409,
			body: { message: expect.stringContaining("it is being deleted") },
		});
		expect((await request("POST", `${path}/sessions`, { metadata: { name: "s" } })).code).toBe(409);
		await evictDurableObject(stubOf("stays"));
		await runDurableObjectAlarm(stubOf("stays"));
		await eventually(
			() => request("GET", `${path}/sessions/s`),
			({ code }) => code === 404,
		);
	});
});

test("a message to a session that cannot be reached is a 503 that says to try again", async () => {
	const path = await newNamespace("unreachable");
	await request("POST", `${path}/sessions`, { metadata: { name: "s" } });
	await cutOff("unreachable");
	const answer = await request("POST", `${path}/sessions/s/messages`, { text: "x" });
	expect(answer).toMatchObject({
		code: 503,
		body: { reason: "ServiceUnavailable", message: expect.stringContaining("Session unreachable/s could not be reached") },
	});
	expect(answer.headers.get("Retry-After")).toBe("1");
});

test("a report that is repeated, and one that is late, changes nothing", async () => {
	const path = await newNamespace("reports");
	const { metadata } = await createTask(path, "t1", { prompt: "hello" });
	await becomes(`${path}/tasks/t1`, "Succeeded");
	const before = (await request("GET", `${path}/tasks/t1`)).body;
	const session = (await request("GET", `${path}/sessions/t1`)).body;
	const run = { run: before.status.run, phase: "Running" as const, iterations: 0, usage: before.status.usage };
	const report = {
		session: "t1",
		uid: session.metadata.uid,
		seq: 1,
		phase: "Running" as const,
		run,
		task: { name: "t1", uid: metadata.uid },
	};
	for (const seq of [1, session.status.observedSeq, 1_000]) await stubOf("reports").report({ ...report, seq });
	expect((await request("GET", `${path}/tasks/t1`)).body).toEqual(before);
});

test("everything survives an eviction, and versions go on from where they were", async () => {
	const path = await newNamespace("evicted");
	const prompt = `"${"\\\n".repeat(200_000)}😀\u0000"`;
	await createTask(path, "t1", { prompt });
	await becomes(`${path}/tasks/t1`, "Succeeded");
	const before = (await request("GET", `${path}/tasks/t1`)).body;
	await evictDurableObject(stubOf("evicted"));
	expect((await request("GET", `${path}/tasks/t1`)).body).toEqual(before);
	expect(before.spec.prompt).toBe(prompt);
	const agent = await request("POST", `${path}/agents`, { metadata: { name: "second" } });
	expect(Number(agent.body.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
});
