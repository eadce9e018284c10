import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { ensureNamespace, eventually, inNamespace, request } from "../../test/fakes/api.ts";

const N = inNamespace("chat");
const S = `${N}/sessions`;

beforeAll(async () => {
	await ensureNamespace("chat");
	await request("POST", `${N}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
	await request("POST", S, { metadata: { name: "chat" } });
});

const send = (session: string, body: unknown, headers = {}) => request("POST", `${S}/${session}/messages`, body, headers);

/** The events of a stream that ends. */
async function events(path: string, headers: Record<string, string> = {}) {
	const { code, text, headers: answered } = await request("GET", path, undefined, headers);
	const list = text.split("\n\n").flatMap((block) => {
		const data = /^data: (.*)$/m.exec(block)?.[1];
		return data === undefined
			? []
			: [{ id: /^id: (.*)$/m.exec(block)?.[1], type: /^event: (.*)$/m.exec(block)?.[1], data: JSON.parse(data) }];
	});
	return { code, list, type: answered.get("Content-Type") };
}

describe("a message", () => {
	test("is accepted with its run and place, and answered", async () => {
		const { code, body } = await send("chat", { text: "hello" });
		expect(code).toBe(202);
		expect(body).toEqual({ session: "chat", run: expect.any(String), seq: expect.any(Number), duplicate: false });
		const session = await eventually(
			async () => (await request("GET", `${S}/chat`)).body,
			({ status }) => status.lastRun?.run === body.run && status.lastRun.phase === "Succeeded",
		);
		expect(session.status).toMatchObject({ phase: "Idle", lastRun: { result: expect.stringContaining("offline/shell") } });
		expect((await request("GET", `${N}/agents/default`)).body.status).toMatchObject({ sessions: 1, lastRun: { phase: "Succeeded" } });
	});

	test("under the same Idempotency-Key starts one run", async () => {
		const headers = { "Idempotency-Key": "k-1" };
		const first = await send("chat", { text: "once" }, headers);
		const second = await send("chat", { text: "once" }, headers);
		expect(second.body).toEqual({ ...first.body, duplicate: true });
	});

	test("to a session that is not there is a 404", async () => {
		expect(await send("nowhere", { text: "x" })).toMatchObject({ code: 404, body: { message: 'sessions.klaw.sh "nowhere" not found' } });
	});

	test("to a session whose agent was deleted is a 404 that says what to do", async () => {
		await request("POST", `${N}/agents`, { metadata: { name: "brief" }, spec: { model: "offline/shell" } });
		await request("POST", S, { metadata: { name: "orphan" }, spec: { agent: "brief" } });
		await request("DELETE", `${N}/agents/brief`);
		expect(await send("orphan", { text: "x" })).toMatchObject({
			code: 404,
			body: { message: expect.stringContaining("Create the agent again, or delete the session") },
		});
	});

	test.each([
		["no text", {}, "text: Required value"],
		["blank text", { text: " " }, "text: Invalid value"],
		["an unknown field", { text: "x", txt: "y" }, 'unknown field "txt"'],
		["text over 1 MiB", { text: "x".repeat(1_048_577) }, "Put long text in a file of the workspace"],
		["no duration", { text: "x", deadline: "soon" }, "deadline: Invalid value"],
		["a model without a provider", { text: "x", model: "gpt" }, "must be provider/model"],
	])("with %s is a 422", async (_, body, sentence) => {
		expect(await send("chat", body)).toMatchObject({ code: 422, body: { reason: "Invalid", message: expect.stringContaining(sentence) } });
	});

	test.each(["a b", "", "x".repeat(256)])("with the Idempotency-Key %j is a 400", async (key) => {
		expect(await send("chat", { text: "x" }, { "Idempotency-Key": key })).toMatchObject({ code: 400 });
	});

	test("cannot pass for the prompt of a task", async () => {
		const task = await request("POST", `${N}/tasks`, { metadata: { name: "t1" }, spec: { prompt: "task" } });
		await eventually(
			async () => (await request("GET", `${N}/tasks/t1`)).body.status.phase,
			(phase) => phase === "Succeeded",
		);
		const reply = await send("t1", { text: "message" }, { "Idempotency-Key": `task:${task.body.metadata.uid}` });
		expect(reply.body.duplicate).toBe(false);
	});
});

describe("the event stream", () => {
	test("comes from the session as it is, and goes on after Last-Event-ID", async () => {
		const { body } = await send("chat", { text: "stream" });
		const all = await events(`${S}/chat/events?follow=true&run=${body.run}`);
		expect(all).toMatchObject({ code: 200, type: "text/event-stream" });
		const journaled = all.list.filter(({ id }) => id !== undefined);
		expect(journaled.at(-1)?.type).toBe("run.finished");
		const middle = journaled[1]?.id ?? "";
		const rest = await events(`${S}/chat/events?follow=true&run=${body.run}&after=0`, { "Last-Event-ID": middle });
		expect(rest.list.filter(({ id }) => id !== undefined).map(({ id }) => id)).toEqual(journaled.slice(2).map(({ id }) => id));
	});

	test("of a session that is not there is a 404", async () => {
		expect((await request("GET", `${S}/nowhere/events`)).code).toBe(404);
	});

	test.each(["-1", "x", "1e3"])("after %s is a 400", async (after) => {
		expect(await request("GET", `${S}/chat/events?after=${after}`)).toMatchObject({
			code: 400,
			body: { message: expect.stringContaining("no place in the event stream") },
		});
	});

	test("is there for a reader that comes before the first message, and is let go when it leaves", async () => {
		await request("POST", S, { metadata: { name: "early" } });
		const response = await exports.default.fetch(`http://klaw${S}/early/events?follow=true`, {
			headers: { Authorization: "Bearer test-admin-token" },
		});
		const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
		await send("early", { text: "hello" });
		let text = "";
		while (!text.includes("run.finished")) text += (await reader?.read())?.value ?? "";
		expect(text).toContain("event: message.accepted");
		await reader?.cancel();
	});
});

describe("cancelling a session", () => {
	test("that does nothing cancels nothing", async () => {
		await request("POST", S, { metadata: { name: "idle" } });
		expect(await request("POST", `${S}/idle/cancel`)).toMatchObject({ code: 200, body: { cancelled: [] } });
	});

	test("stops a run that waits for a node", async () => {
		await request("POST", S, { metadata: { name: "busy" } });
		const { body } = await send("busy", { text: "$ sleep 100" });
		await eventually(
			async () => (await request("GET", `${S}/busy`)).body.status.phase,
			(phase) => phase === "Waiting",
		);
		expect((await request("POST", `${S}/busy/cancel`, { reason: "enough" })).body).toEqual({ cancelled: [body.run] });
		const session = await eventually(
			async () => (await request("GET", `${S}/busy`)).body.status,
			(status) => status.lastRun?.phase === "Cancelled",
		);
		expect(session.lastRun.message).toContain("enough");
	});

	test("takes a reason and nothing else", async () => {
		expect(await request("POST", `${S}/chat/cancel`, { why: "x" })).toMatchObject({
			code: 422,
			body: { message: expect.stringContaining('unknown field "why"') },
		});
	});
});
