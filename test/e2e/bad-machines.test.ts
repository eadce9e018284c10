import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Json, Klaw, lines, NAMESPACE, until } from "./klaw-process.ts";
import { kubectl } from "./kubectl.ts";
import { HONEST, RawMachine } from "./raw-machine.ts";
import { journal } from "./session-events.ts";

const SOON_MS = 30_000;

let klaw: Klaw;
const file = (name: string) => join(klaw.dir, name);
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--node-capacity", "cpu=12,memory=64Gi,slots=60"] });
	// It runs all the time, and is not to be disturbed by what others do.
	const prompt = `$ echo begun >> ${file("work")}; until [ -e ${file("go")} ]; do sleep 0.05; done; echo the end`;
	await klaw.createTask("work", { prompt });
	await until(async () => (await lines(file("work"))).length === 1, SOON_MS);
});
afterAll(() => klaw?.remove());

const node = async (name: string): Promise<Json> => (await klaw.api("GET", `/api/v1/nodes/${name}`)).body;

async function createAgent(name: string, spec: Record<string, unknown>): Promise<void> {
	expect((await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name }, spec })).status).toBe(201);
}

it("a request that no node could ever meet fails at once, with the numbers", async () => {
	await createAgent("huge", { resources: { requests: { cpu: "100", memory: "1Ti" } } });
	await klaw.createTask("huge", { agent: "huge", prompt: "$ true" });
	const { phase, message } = await klaw.taskEnd("huge", SOON_MS);
	expect(phase).toBe("Failed");
	expect(message).toContain("cpu 100 was requested; the largest node has 12");
	expect(message).toContain("memory 1Ti was requested; the largest node has 64Gi");
});

it.each([
	["1e12 cores", { cpu: 1e12 }],
	["less than no core", { cpu: -4 }],
	["no number of cores", { cpu: Number.NaN }],
	["endless memory", { memory: Number.POSITIVE_INFINITY }],
	["half a slot", { slots: 0.5 }],
	["a trillion slots", { slots: 1e12 }],
])("a machine that says that it has %s is no node, and is told so", async (_, lie) => {
	const liar = await RawMachine.dial(klaw, "liar", { ...HONEST, ...lie });
	expect(await liar.answer).toMatchObject({ type: "reject", code: "InvalidHello", message: expect.stringContaining("--capacity") });
	const { items } = (await klaw.api("GET", "/api/v1/nodes")).body;
	expect(items.map(({ metadata }: Json) => metadata.name)).toEqual(["local"]);
	liar.close();
});

it("a machine that says that it is smaller than what it has promised already gets nothing new", async () => {
	const large = await RawMachine.dial(klaw, "shrinks", { ...HONEST, slots: 2 });
	expect(await large.answer).toMatchObject({ type: "welcome", incarnation: 1 });
	await createAgent("shrinks", { nodeSelector: { "kubernetes.io/hostname": "shrinks" } });
	for (const name of ["held-1", "held-2"]) await klaw.createTask(name, { agent: "shrinks", prompt: "$ true" });
	await until(async () => (await node("shrinks")).status.sessions.length === 2, SOON_MS);
	const small = await RawMachine.dial(klaw, "shrinks", { ...HONEST, cpu: 0.1, slots: 1 });
	expect(await small.answer).toMatchObject({ type: "welcome", incarnation: 1 });
	await klaw.createTask("late", { agent: "shrinks", prompt: "$ true" });
	const session = async () => (await klaw.api("GET", `${NAMESPACE}/sessions/late`)).body.status ?? {};
	await until(async () => (await session()).phase === "Waiting", SOON_MS);
	expect((await session()).waitingFor).toContain("1 Too many pods");
	expect((await node("shrinks")).status.sessions).toEqual(["default/held-1", "default/held-2"]);
	expect((await kubectl(klaw, "describe", "node", "shrinks")).stdout).toMatch(/^ +cpu +200m \(200%\)/m);
	for (const machine of [large, small]) machine.close();
});

it("a machine that answers for another, or talks nonsense, is not believed, and nobody else notices", async () => {
	const liar = await RawMachine.dial(klaw, "nonsense", HONEST);
	const { incarnation } = await liar.answer;
	const started = (await journal(klaw, "work")).flatMap(({ event }) => (event.type === "tools.started" ? event.calls : []));
	const of = { v: 1, incarnation, id: started[0].callId, session: "default/work" };
	liar.send({ ...of, type: "result", result: { content: "LIES", isError: false, durationMs: 1 } });
	liar.send({ ...of, type: "output", offset: 0, text: "LIES" });
	liar.send({ ...of, type: "call-waiting", message: "LIES" });
	const checkpoint = { name: "0".repeat(64), files: 0, bytes: 0, storedBytes: 0 };
	for (const epoch of [0, 1, 2]) liar.send({ ...of, type: "checkpoint-made", epoch, checkpoint });
	liar.send({ ...of, type: "result", session: "default/nobody", result: { content: "LIES", isError: false, durationMs: 1 } });
	liar.send({ ...of, type: "result", session: "../../x", result: { content: "LIES", isError: false, durationMs: -1 } });
	liar.send({ ...of, type: "output", offset: -1, text: "x".repeat(900_000) });
	for (const text of ["", "{", "null", "[]", '{"v":1,"type":"no-such-frame"}']) liar.sendText(text);
	liar.sendText(Buffer.from([255, 1, 2, 3]));
	// What it says is taken in order: once this is answered, everything before it was.
	liar.send({ ...of, id: "last", type: "result", session: "default/nobody", result: { content: "LIES", isError: false, durationMs: 1 } });
	await liar.next(({ type, id }) => type === "ack" && id === "last");
	liar.close();

	expect(await lines(file("work"))).toEqual(["begun"]);
	await writeFile(file("go"), "");
	expect(await klaw.taskEnd("work", SOON_MS)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("the end") });
	const said = JSON.stringify(await journal(klaw, "work"));
	for (const lie of ["LIES", checkpoint.name]) expect(said).not.toContain(lie);
});
