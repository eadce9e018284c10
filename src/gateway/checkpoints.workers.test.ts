import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { asUser, bindRole, ensureNamespace, eventually, inNamespace, type Json, request } from "../../test/fakes/api.ts";
import { RawNode } from "../../test/fakes/raw-node.ts";

const N = inNamespace("rewind");
const ONE = `${N}/sessions/one`;
const name = (letter: string) => letter.repeat(64);
const checkpoint = (letter: string) => ({ name: name(letter), files: 2, bytes: 2048, storedBytes: 10 });

let node: RawNode;
let workspace = "";

/** One message with one tool call, whose result comes with a checkpoint. */
async function work(letter: string | undefined): Promise<void> {
	const sent = await request("POST", `${ONE}/messages`, { text: "$ true" });
	const call = await node.next("call");
	workspace = call.workspace;
	const result = { content: "done", isError: false, durationMs: 1, ...(letter !== undefined && { checkpoint: checkpoint(letter) }) };
	node.send({ type: "result", id: call.id, session: call.session, result });
	await eventually(
		async () => (await request("GET", ONE)).body.status,
		({ lastRun }) => lastRun?.run === sent.body.run && lastRun.phase === "Succeeded",
	);
}

const list = async () => (await request("GET", `${ONE}/checkpoints`)).body;
const restore = (checkpoint: unknown, headers = {}) => request("POST", `${ONE}/restore`, { checkpoint }, headers);

beforeAll(async () => {
	await ensureNamespace("rewind");
	await request("POST", `${N}/agents`, { metadata: { name: "default" }, spec: { model: "offline/shell" } });
	for (const session of ["one", "idle"]) await request("POST", `${N}/sessions`, { metadata: { name: session } });
	node = await RawNode.join("rewinder", "rewinder");
	await work("a");
	await work("b");
});

describe("the checkpoints of a session", () => {
	test("are a list, oldest first, with what is current and which call made each", async () => {
		const { items, ...rest } = await list();
		expect(rest).toEqual({ kind: "CheckpointList", apiVersion: "klaw.sh/v1", metadata: { resourceVersion: "" } });
		expect(items.map(({ metadata, manifest, current }: Json) => [metadata.name, manifest, current])).toEqual([
			["aaaaaaaaaaaa", name("a"), undefined],
			["bbbbbbbbbbbb", name("b"), true],
		]);
		expect(items[0]).toMatchObject({ files: 2, bytes: 2048, storedBytes: 10, call: { id: expect.any(String), tool: "bash" } });
	});

	test("are a table for whoever wants one", async () => {
		const { body } = await request("GET", `${ONE}/checkpoints`, undefined, { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
		expect(body.columnDefinitions.map(({ name }: Json) => name)).toEqual([
			"Name",
			"Current",
			"Tool",
			"Files",
			"Size",
			"Stored",
			"Age",
			"Call",
			"Manifest",
		]);
		expect(body.rows[1].cells.slice(0, 6)).toEqual(["bbbbbbbbbbbb", "*", "bash", 2, "2Ki", "10"]);
	});

	test("are none of a session that did nothing, and 404 of one that is not there", async () => {
		expect((await request("GET", `${N}/sessions/idle/checkpoints`)).body.items).toEqual([]);
		expect(await request("GET", `${N}/sessions/ghost/checkpoints`)).toMatchObject({
			code: 404,
			body: { message: 'sessions.klaw.sh "ghost" not found' },
		});
	});
});

describe("going back to a checkpoint", () => {
	test("makes it the current one, and the next call's workspace is that one under a new epoch", async () => {
		const { code, body } = await restore("aaaa");
		expect(code).toBe(201);
		expect(body).toMatchObject({ kind: "Checkpoint", metadata: { name: "aaaaaaaaaaaa" }, current: true });
		expect((await list()).items.map(({ current }: Json) => current)).toEqual([true, undefined]);
		await request("POST", `${ONE}/messages`, { text: "$ true" });
		const call = await node.next("call");
		expect(call.state).toMatchObject({ checkpoint: name("a"), epoch: expect.any(Number), checkpoints: true });
		expect(call.state?.epoch).toBeGreaterThan(0);

		const busy = await restore("bbbb");
		expect(busy).toMatchObject({ code: 409, body: { reason: "Conflict" } });
		expect(busy.body.message).toMatch(/^Operation cannot be fulfilled on sessions\.klaw\.sh "one": A tool call runs/);
		node.result(call, "done");
		await eventually(
			async () => (await request("GET", ONE)).body.status.phase,
			(phase) => phase === "Idle",
		);
	});

	test.each([
		["a name that it has not", "cccc", "It has aaaaaaaaaaaa, bbbbbbbbbbbb"],
		["no hex", "../x", "hex digits"],
		["nothing", "", "hex digits"],
		["no name", undefined, "checkpoint: Required value"],
		["a number", 5, "checkpoint: Invalid value"],
	])("by %s is a 422 that says what there is", async (_, checkpoint, sentence) => {
		expect(await restore(checkpoint)).toMatchObject({ code: 422, body: { reason: "Invalid", message: expect.stringContaining(sentence) } });
	});

	test("is for editors, and seeing them for viewers", async () => {
		await bindRole("rewind", "view", "User/vera");
		expect((await request("GET", `${ONE}/checkpoints`, undefined, asUser("vera"))).code).toBe(200);
		expect(await restore("aaaa", asUser("vera"))).toMatchObject({
			code: 403,
			body: { message: expect.stringContaining('User "vera" cannot create resource "sessions/restore" in API group "klaw.sh"') },
		});
		expect((await request("GET", `${ONE}/checkpoints`, undefined, asUser("nobody"))).code).toBe(403);
	});

	test("leaves an audit record", async () => {
		const { items } = (await request("GET", `${N}/auditrecords`)).body;
		const restores = items.filter(({ objectRef }: Json) => objectRef.subresource === "restore");
		expect(restores[0]).toMatchObject({ verb: "create", objectRef: { resource: "sessions", name: "one" }, responseStatus: { code: 200 } });
	});
});

describe("a machine", () => {
	const get = (more: Record<string, unknown>) =>
		node.send({ type: "blob-get", id: crypto.randomUUID(), session: "rewind/one", workspace, kind: "blob", name: name("0"), ...more });

	test("is told what the store has not of the workspace of a session that it was given", async () => {
		get({});
		expect(await node.next("blob-failed")).toMatchObject({ final: true, message: expect.stringContaining("The store has no blob") });
	});

	test("is refused the workspace of any other session", async () => {
		await env.WORKSPACES?.put(`default/rewind/other.01234567/blob/${name("0")}`, "secret");
		for (const more of [
			{ session: "rewind/other", workspace: "rewind.other.01234567" },
			{ workspace: "rewind.other.01234567" },
			{ session: "rewind/other" },
		]) {
			get(more);
			const { message, final } = await node.next("blob-failed");
			expect([message, final]).toEqual([expect.stringMatching(/is not of a session that this machine was given/), true]);
		}
	});
});
