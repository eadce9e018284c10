import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeApiServer, failure } from "../../../test/fakes/api-server.ts";
import { type Ran, runKlaw } from "../test-io.ts";

let server: FakeApiServer;
let cwd: string;
beforeEach(async () => {
	server = new FakeApiServer();
	await server.listen();
	cwd = await mkdtemp(join(tmpdir(), "klaw-commands-"));
});
afterEach(async () => {
	await server.close();
	await rm(cwd, { recursive: true, force: true });
});

const klaw = (argv: string[], stdin = ""): Promise<Ran> => runKlaw(["--server", server.url, "--token", "t", ...argv], { stdin, cwd });

it("klaw cancel stops a task or a session, and says when there was nothing to stop", async () => {
	server.answer(({ path }) => ({ json: path.includes("sessions") ? { cancelled: [] } : {} }));
	expect((await klaw(["cancel", "t", "--reason", "too long"])).stdout).toBe("task.klaw.sh/t cancelled\n");
	expect((await klaw(["cancel", "session/s"])).stdout).toBe("session.klaw.sh/s was not doing anything\n");
	expect(server.requests.map(({ path, body }) => ({ path, body }))).toEqual([
		{ path: "/apis/klaw.sh/v1/namespaces/default/tasks/t/cancel", body: { reason: "too long" } },
		{ path: "/apis/klaw.sh/v1/namespaces/default/sessions/s/cancel", body: {} },
	]);
});

it.each([
	["Running", "cancelled"],
	["Cancelled", "cancelled"],
	["Succeeded", "was already Succeeded"],
	["Failed", "was already Failed"],
])("klaw cancel of a task that is %s by then says %s", async (phase, said) => {
	server.answer(() => ({ json: { metadata: { name: "t" }, status: { phase } } }));
	for (const argv of [["t"], ["task/t"], ["task", "t"]])
		expect(await klaw(["cancel", ...argv])).toEqual({ code: 0, stdout: `task.klaw.sh/t ${said}\n`, stderr: "" });
	expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(["/apis/klaw.sh/v1/namespaces/default/tasks/t/cancel"]));
});

describe("klaw node join", () => {
	it.each(["# A title\n\nAnd text.\n", "two words", "na\u00efve"])("names a token file that holds something else: %j", async (text) => {
		await writeFile(join(cwd, "README.md"), text);
		expect(await klaw(["node", "join", server.url, "--token-file", "README.md", "--data", "data"])).toEqual({
			code: 1,
			stdout: "",
			stderr: expect.stringMatching(
				/^error: The token file .*README\.md holds no join token\. It should hold that alone, on one line, as klaw node token create prints it\.\n$/m,
			),
		});
	});
});

describe("what goes wrong", () => {
	it.each([
		[
			["up", "9911"],
			'error: up takes options only, and was given "9911". With npm, options stand behind two dashes: npm start -- --port 9911\n',
		],
		[["cancel", "task", "a", "b"], "error: too many arguments for 'cancel'."],
		[
			["get", "tasks", "-o", "xml"],
			'error: unable to match a printer suitable for the output format "xml", allowed formats are: custom-columns',
		],
		[["get", "tasks", "-o", "go-template={{.kind}}"], "error: klaw has no Go templates, so -o go-template is not offered."],
		[["gett", "tasks"], "error: unknown command 'gett'\n(Did you mean get?)\n"],
		[["get", "tasks", "--fast"], "error: unknown option '--fast'\n"],
		[["cancel", "agent/a"], 'error: Tasks and sessions can be cancelled, "agent/a" cannot. Give task/NAME or session/NAME.\n'],
		[["dispatch", " "], "error: The prompt is empty. Say what the agent is to do.\n"],
		[["dispatch", "x", "--timeout", "soon"], "It must be a duration such as 90s, 30m or 1h30m"],
	])("klaw %j is answered with a sentence and exit code 1", async (argv, message) => {
		const ran = await klaw(argv);
		expect(ran).toMatchObject({ code: 1, stdout: "" });
		expect(ran.stderr).toContain(message);
	});

	it("a server that is not there is named, with what to do", async () => {
		const { url } = server;
		await server.close();
		const ran = await runKlaw(["--server", url, "--token", "t", "get", "tasks"]);
		expect(ran).toEqual({
			code: 1,
			stdout: "",
			stderr: `The connection to the server ${url} was refused. Is klaw running there? Start it with: npm start\n`,
		});
		await server.listen();
	});

	it("a token that is refused is named by where it comes from", async () => {
		server.answer(() => failure(401, "Unauthorized", "The bearer token is not known."));
		expect((await klaw(["get", "tasks"])).stderr).toBe(
			"Error from server (Unauthorized): The bearer token is not known. The token is that of --token; is it the kubeconfig of this server?\n",
		);
	});

	it("an answer that is not of klaw is said to be none", async () => {
		server.answer(() => ({ stream: ["<html>"] }));
		expect((await klaw(["get", "tasks"])).stderr).toMatch(/answered with something that is not JSON\. Is this a klaw server\?/);
		server.answer(() => ({ status: 502, stream: ["Bad gateway"] }));
		expect((await klaw(["get", "tasks"])).stderr).toMatch(/answered 502: Bad gateway/);
	});
});
