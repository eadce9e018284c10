import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Klaw, lines, until } from "../e2e/klaw-process.ts";
import { startFakeOpenAI } from "../fakes/openai.ts";
import type { FakeRequest, FakeServer, Reply } from "../fakes/reply.ts";

const TASKS = "/apis/klaw.sh/v1/namespaces/default/tasks";

let klaw: Klaw;
let model: FakeServer;
/** What the model says to the n-th request since the test began. */
let script: (n: number, request: FakeRequest) => Reply;
let asked = 0;

beforeAll(async () => {
	model = await startFakeOpenAI({
		script: (request) => {
			asked += 1;
			return script(asked, request);
		},
	});
	klaw = await Klaw.start({ env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "sk-test", KLAW_DEFAULT_MODEL: "openai/test" } });
});
afterAll(async () => {
	await klaw?.remove();
	await model?.close();
});

const call = (command: string): Reply => ({ calls: [{ name: "bash", arguments: { command } }] });
const answer: Reply = { text: ["All ", "done."] };

/** Sends a task and kills everything when the model is asked for the n-th time; the dead ask is never answered. */
async function killAtRequest(n: number, replies: Reply[]): Promise<string> {
	asked = 0;
	let killed: Promise<void> | undefined;
	script = (request) => {
		if (request === n && !killed) {
			killed = klaw.kill();
			return "hang";
		}
		// The repeated request gets what the lost one would have got.
		return replies[(killed && request > n ? request - 1 : request) - 1] ?? answer;
	};
	const name = `task-${randomUUID().slice(0, 8)}`;
	await klaw.api("POST", TASKS, { metadata: { name }, spec: { prompt: "Do it." } }).catch(() => undefined);
	await until(() => killed !== undefined, 20_000);
	await killed;
	await klaw.start();
	return name;
}

describe("an accepted message is answered or visibly failed, never silent", () => {
	it("when everything is killed between its acceptance and the first token", async () => {
		const name = await killAtRequest(1, [answer]);
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded", result: "All done." });
	});

	it("when everything is killed between a tool's result and the next model call", async () => {
		const name = await killAtRequest(2, [call("echo one"), answer]);
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded", result: "All done.", iterations: 2 });
	});

	it("when everything is killed between the last token and the report of the end", async () => {
		asked = 0;
		let sent = false;
		script = () => {
			sent = true;
			return answer;
		};
		const name = `task-${randomUUID().slice(0, 8)}`;
		await klaw.api("POST", TASKS, { metadata: { name }, spec: { prompt: "Do it." } });
		await until(() => sent, 20_000);
		await klaw.kill();
		await klaw.start();
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded", result: "All done." });
	});

	it("when the model cannot answer: the failure has a code and a sentence", async () => {
		asked = 0;
		script = () => ({ status: 400, type: "invalid_request_error", message: "No such thing." });
		const name = `task-${randomUUID().slice(0, 8)}`;
		await klaw.api("POST", TASKS, { metadata: { name }, spec: { prompt: "Do it." } });
		expect(await klaw.taskEnd(name)).toMatchObject({
			phase: "Failed",
			reason: "BadRequest",
			message: expect.stringContaining("No such thing."),
		});
	});
});

describe("a run is re-driven with no human message and no client connected", () => {
	it("after a kill, by its own alarm", async () => {
		// From the restart on nobody asks klaw anything: only the model sees that the run goes on.
		await killAtRequest(1, [answer]);
		const asks = asked;
		await until(() => asked > asks || asks > 1, 15_000);
	});

	it("through three restarts in the middle of one run, each tool call once", async () => {
		asked = 0;
		const effects = join(klaw.dir, "effects");
		script = (_, request) => {
			const turn = request.body.messages.filter(({ role }) => role === "assistant").length;
			return turn < 6 ? call(`sleep 0.3; echo step-${turn} >> ${effects}`) : answer;
		};
		const name = `task-${randomUUID().slice(0, 8)}`;
		await klaw.api("POST", TASKS, { metadata: { name }, spec: { prompt: "Do it." } });
		for (let n = 0; n < 3; n += 1) {
			const before = asked;
			await until(() => asked > before, 20_000);
			await klaw.kill();
			await klaw.start();
		}
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded" });
		expect(await lines(effects)).toEqual(Array.from({ length: 6 }, (__, turn) => `step-${turn}`));
	});
});
