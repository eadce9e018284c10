import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeAnthropic } from "../fakes/anthropic.ts";
import { startFakeOpenAI } from "../fakes/openai.ts";
import type { FakeCall, FakeServer } from "../fakes/reply.ts";
import { freePort, type Json, Klaw, NAMESPACE, until } from "./klaw-process.ts";
import { peakMemory } from "./peak-memory.ts";
import { ScriptedModels, toolResults } from "./scripted-models.ts";
import { journal } from "./session-events.ts";
import { TinyDisk } from "./tiny-disk.ts";

/** Whatever goes wrong is said within this time. */
const SOON_MS = 30_000;

const models = new ScriptedModels();
let klaw: Klaw;
let openai: FakeServer;
let anthropic: FakeServer;
let closedPort: number;

beforeAll(async () => {
	openai = await startFakeOpenAI({ script: models.script });
	anthropic = await startFakeAnthropic({ script: models.script });
	closedPort = await freePort();
	klaw = await Klaw.start({
		env: { OPENAI_BASE_URL: openai.url, ANTHROPIC_BASE_URL: anthropic.url, OLLAMA_BASE_URL: `http://127.0.0.1:${closedPort}/v1` },
	});
});
afterAll(async () => {
	await klaw?.remove();
	await Promise.all([openai, anthropic].map((server) => server?.close()));
});

/** Accepts a task, and returns what makes sure that it was done in spite of all that came after it. */
async function accepted(name: string, spec: Record<string, unknown> = {}): Promise<() => Promise<void>> {
	await klaw.createTask(name, { prompt: "$ sleep 0.5; echo kept", model: "offline/shell", ...spec });
	return async () =>
		expect(await klaw.taskEnd(name, SOON_MS)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("kept") });
}

/**
 * Dispatches a task to a model that cannot answer it, with another task waiting behind it in the same session. Returns
 * the status of the first, after `klaw dispatch` has failed with its sentence and the second has succeeded.
 */
async function dispatchTo(name: string, model: string): Promise<Json> {
	const other = await accepted(`${name}-before`);
	const dispatch = klaw.cli(["dispatch", "--wait", "--timeout", `${SOON_MS}ms`, "--name", name, "--model", model, "Hello"]);
	await until(async () => (await klaw.api("GET", `${NAMESPACE}/tasks/${name}`)).status === 200, SOON_MS);
	const behind = await accepted(`${name}-behind`, { session: name });
	const { code, stdout, stderr } = await dispatch;
	const status = await klaw.taskEnd(name, SOON_MS);
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toContain(`The task ${name} failed (${status.reason}): ${status.message}\n`);
	await behind();
	await other();
	return status;
}

describe.concurrent("a task whose model", () => {
	it("always ends its stream half-way fails with a sentence, after trying again", async () => {
		models.add("half-way", () => ({ text: ["I was ", "about to "], fault: { afterEvents: 3, kind: "end" } }));
		const status = await dispatchTo("half-way", "openai/half-way");
		expect(status).toMatchObject({ phase: "Failed", reason: "StreamBroken" });
		expect(status.message).toMatch(/The answer of the model .* broke off: it ended after \d .* Gave up after 4 tries\.$/);
		expect(models.calls("half-way")).toHaveLength(4);
	});

	it("cannot be reached fails with the address, after trying again", async () => {
		const status = await dispatchTo("unreachable", "ollama/llama");
		expect(status).toMatchObject({ phase: "Failed", reason: "Unreachable" });
		expect(status.message).toContain(`Could not reach the model ollama/llama at http://127.0.0.1:${closedPort}/v1: `);
		expect(status.message).toMatch(/Check that it is up and that OLLAMA_BASE_URL is right\. Gave up after 4 tries\.$/);
	});

	it("is of an unknown provider fails with a sentence that lists the providers", async () => {
		const status = await dispatchTo("no-provider", "acme/best");
		expect(status).toMatchObject({ phase: "Failed", reason: "UnknownModel" });
		expect(status.message).toMatch(/There is no model "acme\/best"\. Name one as provider\/model; the providers are anthropic, openai, /);
	});

	it("is unknown to its provider fails with the provider's words", async () => {
		const status = await dispatchTo("no-model", "openai/gpt-99");
		expect(status).toMatchObject({ phase: "Failed", reason: "UnknownModel" });
		expect(status.message).toMatch(/The model `gpt-99` does not exist\. Name a model that openai offers\./);
	});

	it("is not named as provider/model is refused with an example", async () => {
		const { code, stderr } = await klaw.cli(["dispatch", "--model", "gpt-99", "Hello"]);
		expect(code).toBe(1);
		expect(stderr).toMatch(/spec\.model: Invalid value: "gpt-99": must be provider\/model, for example anthropic\//);
	});

	it("needs a key that is missing fails with the name of the variable", async () => {
		const status = await dispatchTo("no-key", "openrouter/some/model");
		expect(status).toMatchObject({ phase: "Failed", reason: "MissingKey" });
		expect(status.message).toMatch(/openrouter needs a key and OPENROUTER_API_KEY is not set\. Set it in \.dev\.vars or the environment/);
	});

	it("answers 400 fails with the provider's words, and is not asked again", async () => {
		models.add("refuses", () => ({ status: 400, message: "max_completion_tokens is too large" }));
		const status = await dispatchTo("answers-400", "openai/refuses");
		expect(status).toMatchObject({ phase: "Failed", reason: "BadRequest" });
		expect(status.message).toMatch(/status 400 .*: max_completion_tokens is too large\. Repeating the call would change nothing\.$/);
		expect(models.calls("refuses")).toHaveLength(1);
	});
});

describe.concurrent("a model that calls a tool wrongly is told so and may try again", () => {
	const good: FakeCall = { name: "bash", arguments: { command: "echo second try" } };

	it.each<{ mistake: string; name: string; call: FakeCall; told: RegExp }>([
		{
			mistake: "an unknown tool",
			name: "unknown-tool",
			call: { name: "launch", arguments: { when: "now" } },
			told: /^There is no tool "launch" for this agent\. The tools are: bash, read, write, .*\.$/,
		},
		{
			mistake: "invalid JSON",
			name: "invalid-json",
			call: { name: "bash", arguments: '{"command": "echo first' },
			told: /^The arguments of bash are not valid JSON \(.+\)\. Call it again with one JSON object\.$/,
		},
		{
			mistake: "a wrong type",
			name: "wrong-type",
			call: { name: "bash", arguments: { command: ["echo", "first"] } },
			told: /^The arguments of bash are wrong\. Mend this and call it again:\n.*expected string, received array\n.*command/,
		},
		{
			mistake: "a missing argument",
			name: "missing-argument",
			call: { name: "read", arguments: {} },
			told: /^The arguments of read are wrong\. Mend this and call it again:\n.*expected string, received undefined\n.*path/,
		},
		{
			mistake: "a list for its arguments",
			name: "list",
			call: { name: "bash", arguments: '["echo first"]' },
			told: /^The arguments of bash are wrong\. Mend this and call it again:\n.*expected object, received array/,
		},
	])("$mistake", async ({ name, call, told }) => {
		for (const provider of ["openai", "anthropic"]) {
			const model = `${name}-${provider}`;
			models.add(model, (request, n) => {
				if (n === 1) return { calls: [call, { name: "bash", arguments: { command: "echo beside it" } }] };
				return n === 2 ? { calls: [good] } : { text: toolResults(request).at(-1) };
			});
			await klaw.createTask(model, { model: `${provider}/${model}`, prompt: "Do it." });
			expect(await klaw.taskEnd(model, SOON_MS)).toMatchObject({ phase: "Succeeded", result: "second try", iterations: 3 });
			const [, second] = models.calls(model);
			const [wrong = "", right] = second ? toolResults(second.request) : [];
			expect(wrong.replace(/^Error: /, "")).toMatch(told);
			expect(right).toBe("beside it");
		}
	});
});

describe.concurrent("a prompt of 5 MB", () => {
	const prompt = "x".repeat(5_000_000);
	const refused = /larger than 3145728 bytes\. Put long text in a file of the workspace, or have the agent fetch it\./;

	it.each([
		{ path: "/tasks", body: { metadata: { name: "too-long" }, spec: { prompt } } },
		{ path: "/sessions/long/messages", body: { text: prompt } },
	])("is refused by POST $path with a sentence", async ({ path, body }) => {
		await klaw.api("POST", `${NAMESPACE}/sessions`, { metadata: { name: "long" } });
		const other = await accepted(`before-5mb-${path.split("/").at(-1)}`);
		const answer = await klaw.api("POST", NAMESPACE + path, body);
		expect(answer).toMatchObject({ status: 413, body: { kind: "Status", reason: "RequestEntityTooLarge" } });
		expect(answer.body.message).toMatch(refused);
		expect((await klaw.api("GET", `${NAMESPACE}/tasks/too-long`)).status).toBe(404);
		await other();
	});

	it.each([
		{ command: "klaw dispatch -", args: ["dispatch", "--wait", "-"] },
		{ command: "klaw chat", args: ["chat"] },
	])("is refused by $command with a sentence", async ({ args }) => {
		const { code, stdout, stderr } = await klaw.cli(args, prompt);
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(stderr).toMatch(refused);
	});

	it("that is within the limit of a request is refused with the limit of a prompt", async () => {
		const { code, stderr } = await klaw.cli(["dispatch", "-"], prompt.slice(0, 2_000_000));
		expect(code).toBe(1);
		expect(stderr).toMatch(/spec\.prompt: Too long: 2000000 bytes, and at most 1048576 are accepted\. Put long text in a file/);
	});
});

describe.concurrent("a prompt of 1 MiB", () => {
	const LIMIT = 1024 * 1024;
	it.each([
		{ what: "letters", character: "x" },
		{ what: "line ends", character: "\n" },
		{ what: "quotation marks", character: '"' },
		{ what: "characters of four bytes", character: "\u{1f600}" },
	])("of $what is done", async ({ what, character }) => {
		const command = "$ echo kept\n";
		const padding = character.repeat((LIMIT - command.length) / Buffer.byteLength(character));
		const done = await accepted(`long-${what.replaceAll(" ", "-")}`, { prompt: command + padding });
		await done();
	});

	it("or less is done, however long it is as JSON", async () => {
		const done = await accepted("long-controls", { prompt: `$ echo kept\n${"\u0001".repeat(500_000)}` });
		await done();
	});
});

it.concurrent("a tool result of 100 MB is cut for the model, kept whole in the workspace, and never in memory", async () => {
	const size = 100 * 2 ** 20;
	models.add("reads-much", (request, n) => {
		const [first = "", second] = toolResults(request);
		if (n === 1) return { calls: [{ name: "bash", arguments: { command: `yes 0123456789abcde | head -c ${size}` } }] };
		const path = /the whole output is in (\S+)\)/.exec(first)?.[1];
		if (n === 2) return { calls: [{ name: "bash", arguments: { command: `wc -c < ${path}; tail -n 1 ${path}` } }] };
		return { text: `${second}` };
	});
	const other = await accepted("before-100mb");
	const memory = peakMemory(klaw);
	await klaw.createTask("reads-much", { model: "openai/reads-much", prompt: "Write much." });
	expect(await klaw.taskEnd("reads-much", SOON_MS)).toMatchObject({ phase: "Succeeded", result: `${size}\n0123456789abcde` });
	for (const { name, bytes } of await memory.stop()) expect({ name, bytes, small: bytes < 300 * 2 ** 20 }).toMatchObject({ small: true });

	const [content = ""] = models.calls("reads-much").flatMap(({ request }, index) => (index === 1 ? toolResults(request) : []));
	expect(content.length).toBeLessThan(31_000);
	expect(content).toContain("... (104,827,600 characters left out; the whole output is in ");
	const stored = (await journal(klaw, "reads-much")).reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
	expect(stored).toBeLessThan(100_000);
	await other();
});

describe.concurrent("an agent name with a slash", () => {
	const rule = /^The Agent "a\/b" is invalid: metadata\.name: Invalid value: "a\/b": a lowercase RFC 1123 subdomain must consist of/;
	const form = /^error: (there is no need to specify a resource type as a separate argument|arguments in resource\/name form must have)/;

	it.each([
		{ command: "klaw create agent", args: ["create", "agent", "a/b"], words: rule },
		{ command: "klaw get agent", args: ["get", "agent", "a/b"], words: form },
		{ command: "klaw delete agent", args: ["delete", "agent/a/b"], words: form },
		{
			command: "klaw apply",
			args: ["apply", "-f", "-"],
			input: "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: a/b}\n",
			words: rule,
		},
	])("is refused by $command in kubectl's words", async ({ args, input, words }) => {
		const { code, stderr } = await klaw.cli(args, input);
		expect(code).toBe(1);
		expect(stderr).toMatch(words);
	});

	it("is refused in a request, and is not there afterwards", async () => {
		const body = { metadata: { name: "a/b" }, spec: {} };
		const invalid = { reason: "Invalid", details: { causes: [{ field: "metadata.name" }] } };
		expect(await klaw.api("POST", `${NAMESPACE}/agents`, body)).toMatchObject({ status: 422, body: invalid });
		// What cannot be there is not found, as in Kubernetes.
		expect(await klaw.api("PUT", `${NAMESPACE}/agents/a%2Fb`, body)).toMatchObject({ status: 404, body: { reason: "NotFound" } });
		const { items } = (await klaw.api("GET", `${NAMESPACE}/agents`)).body;
		expect(items.map(({ metadata }: Json) => metadata.name)).not.toContain("a/b");
	});

	it("is refused by klaw dispatch, which has no such agent", async () => {
		const { code, stderr } = await klaw.cli(["dispatch", "--agent", "a/b", "Hello"]);
		expect(code).toBe(1);
		expect(stderr).toMatch(/spec\.agent: Not found: "a\/b": there is no such agent in namespace default\. Create it, or name another/);
	});
});

describe.concurrent("a machine that may not join", () => {
	const joinAs = (token: string, name: string) =>
		klaw.cli(["node", "join", klaw.url, "--token", token, "--name", name, "--data", join(klaw.dir, `data-of-${name}`)]);
	const nodes = async () => (await klaw.api("GET", "/api/v1/nodes")).body.items.map(({ metadata }: Json) => metadata.name);

	it("because its token is wrong ends with a sentence, and the node that works goes on working", async () => {
		const other = await accepted("before-wrong-token");
		const wrong = `klaw-join-${"x".repeat(43)}`;
		const { code, stderr } = await joinAs(wrong, "intruder");
		expect(code).toBe(1);
		expect(stderr).toMatch(/^error: The server refused this node with 401: The join token is unknown here: .* klaw node token create/m);
		expect(stderr).not.toContain(wrong);
		expect(await nodes()).not.toContain("intruder");
		await other();
	});

	it("because its name is taken ends with a sentence, and the node that has the name goes on working", async () => {
		const other = await accepted("before-same-name");
		const { code, stderr } = await joinAs(await klaw.joinToken(), "local");
		expect(code).toBe(1);
		expect(stderr).toMatch(
			/Another machine has joined as node "local" already\. Choose another name with --name, or remove that one first/,
		);
		expect(await nodes()).toContain("local");
		await other();
	});
});

describe.concurrent("the port in use", () => {
	it("by another program is told by klaw up at once, with another way to start", async () => {
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		const address = server.address();
		const port = typeof address === "object" && address ? address.port : 0;
		const { code, stderr } = await klaw.cli(["up", "--port", String(port), "--data", join(klaw.dir, "second"), "--no-demo"]);
		server.close();
		expect(code).toBe(1);
		expect(stderr).toBe(
			`error: Port ${port} on 127.0.0.1 is in use by another program. Choose another one with --port, or --port 0 for any free one.\n`,
		);
	});

	it("by another klaw is told by klaw up at once, and the klaw that has it goes on", async () => {
		const other = await accepted("before-second-klaw");
		const { code, stderr } = await klaw.cli(["up", "--port", String(klaw.port), "--data", join(klaw.dir, "third"), "--no-demo"]);
		expect(code).toBe(1);
		expect(stderr).toContain(`Port ${klaw.port} on 127.0.0.1 is in use`);
		await other();
	});
});

describe("a full disk on the node", () => {
	let disk: TinyDisk;
	let stopNode: () => Promise<unknown> = async () => undefined;

	beforeAll(async () => {
		disk = await TinyDisk.make(join(klaw.dir, "disk"));
		const node = klaw.command([
			"node",
			"join",
			klaw.url,
			"--token",
			await klaw.joinToken(),
			"--name",
			"tiny",
			"--labels",
			"disk=tiny",
			"--data",
			disk.dir,
		]);
		stopNode = () => node.kill("SIGTERM");
		await until(() => node.stderr.includes("Joined as node tiny"), SOON_MS);
		await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "tiny" }, spec: { nodeSelector: { disk: "tiny" } } });
	});
	afterAll(async () => {
		await stopNode();
		await disk?.remove();
	});

	// First: a node makes room by itself as long as it keeps the records of calls that are over.
	it("before a command can be put on record keeps the command from running, and the next one runs when there is room", async () => {
		const { body: session } = await klaw.api("POST", `${NAMESPACE}/sessions`, { metadata: { name: "full" }, spec: { agent: "tiny" } });
		const other = await accepted("before-record");
		const makeRoom = await disk.fill(session.metadata.uid);
		await klaw.createTask("full-1", { session: "full", prompt: "$ echo ran" });
		const status = await klaw.taskEnd("full-1", SOON_MS);
		expect(status.result).toMatch(
			/Nothing was run, because the call could not be put on record\. The disk of the node is full: .* Delete what is not needed, or have space freed on the node, and try again\./,
		);
		expect(status.result).not.toMatch(/^ran$/m);
		await makeRoom();
		const next = await accepted("full-2", { session: "full" });
		await next();
		await other();
	});

	it("that a command has filled is told to the model, which can make room and go on", async () => {
		const other = await accepted("before-full-disk");
		const prompt = `${disk.linkToFull("filler")}$ head -c 5000000 /dev/zero > filler\n$ rm filler\n$ echo room again`;
		await klaw.createTask("fills-disk", { agent: "tiny", prompt });
		const status = await klaw.taskEnd("fills-disk", SOON_MS);
		expect(status).toMatchObject({ phase: "Succeeded", result: expect.stringMatching(/\$ echo room again\nroom again$/) });
		expect(status.result).toMatch(/> filler \(failed\)\n[\s\S]*([Tt]he disk of the node is full: |No space left on device)/);
		await other();
	});

	it("has no room for a file that a person copies, who is told; the last checkpoint stays", async ({ skip }) => {
		skip(!disk.isReal, "only a disk that can be mounted can be filled by a file of any name");
		await (await accepted("copied-to", { agent: "tiny", prompt: "$ echo kept > kept" }))();
		const checkpoints = async () => (await klaw.cli(["checkpoint", "list", "copied-to", "-o", "name"])).stdout;
		const before = await checkpoints();
		await writeFile(join(klaw.dir, "large"), Buffer.alloc(3_000_000));
		const { code, stderr } = await klaw.cli(["cp", "large", "copied-to:large"]);
		expect([code, stderr]).toEqual([1, expect.stringMatching(/The node ended the copy after \d+ of 3000000 bytes: its disk is full, /)]);
		expect((await klaw.cli(["exec", "copied-to", "--", "sh", "-c", "ls; cat kept"])).stdout).toBe("kept\nkept\n");
		expect(await checkpoints()).toBe(before);
	});
});
