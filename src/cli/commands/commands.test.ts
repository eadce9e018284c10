import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ApiReply, FakeApiServer, failure } from "../../../test/fakes/api-server.ts";
import { type Ran, runKlaw } from "../test-io.ts";

const AGENTS = "/apis/klaw.sh/v1/namespaces/default/agents";
const agent = (name: string, spec: Record<string, unknown> = { instructions: "Be kind." }) => ({
	apiVersion: "klaw.sh/v1",
	kind: "Agent",
	metadata: { name, namespace: "default", resourceVersion: "1" },
	spec,
});

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

/** What the server holds, by path; a request that is not foreseen is a 404. */
function serve(objects: Record<string, ApiReply>): void {
	server.answer(
		({ method, path }) =>
			objects[`${method} ${path}`] ?? failure(404, "NotFound", `${path.split("/").at(-2)}.klaw.sh "${path.split("/").at(-1)}" not found`),
	);
}
const klaw = (argv: string[], stdin = ""): Promise<Ran> => runKlaw(["--server", server.url, "--token", "t", ...argv], { stdin, cwd });

describe("klaw get", () => {
	const table = {
		kind: "Table",
		columnDefinitions: [{ name: "Name" }, { name: "Model", priority: 0 }, { name: "Revision", priority: 1 }],
		rows: [{ cells: ["a", "offline/shell", "abc"] }],
	};

	it("prints the server's table, and its other columns with -o wide", async () => {
		serve({ [`GET ${AGENTS}`]: { json: table }, [`GET ${AGENTS}/a`]: { json: table } });
		expect(await klaw(["get", "agents"])).toEqual({ code: 0, stdout: "NAME   MODEL\na      offline/shell\n", stderr: "" });
		expect((await klaw(["get", "ag", "a", "-o", "wide"])).stdout).toBe("NAME   MODEL           REVISION\na      offline/shell   abc\n");
		expect((await klaw(["get", "agent/a", "--no-headers"])).stdout).toBe("a   offline/shell\n");
		expect(server.requests[0]?.headers.accept).toContain("application/json;as=Table;v=v1;g=meta.k8s.io");
		expect(server.requests[0]?.headers.authorization).toBe("Bearer t");
	});

	it("an empty namespace is said on stderr, with exit code 0", async () => {
		serve({ "GET /apis/klaw.sh/v1/namespaces/team/tasks": { json: { ...table, rows: [] } } });
		expect(await klaw(["get", "tasks", "-n", "team"])).toEqual({ code: 0, stdout: "", stderr: "No resources found in team namespace.\n" });
	});

	it("prints one object as itself and several as a List", async () => {
		const list = { apiVersion: "klaw.sh/v1", kind: "AgentList", items: [{ metadata: { name: "a" } }, agent("b")] };
		serve({ [`GET ${AGENTS}`]: { json: list }, [`GET ${AGENTS}/a`]: { json: agent("a") }, [`GET ${AGENTS}/b`]: { json: agent("b") } });
		expect(JSON.parse((await klaw(["get", "agent", "a", "-o", "json"])).stdout)).toEqual(agent("a"));
		expect(JSON.parse((await klaw(["get", "agent", "a", "b", "-o", "json"])).stdout)).toMatchObject({
			kind: "List",
			items: [agent("a"), agent("b")],
		});
		expect((await klaw(["get", "agents", "-o", "name"])).stdout).toBe("agent.klaw.sh/a\nagent.klaw.sh/b\n");
		expect((await klaw(["get", "agents", "-o", "jsonpath={.items[*].metadata.name}"])).stdout).toBe("a b");
	});

	it("ends what a jsonpath gives with a newline on a terminal, and nowhere else", async () => {
		serve({ [`GET ${AGENTS}/a`]: { json: agent("a") } });
		const argv = ["--server", server.url, "--token", "t", "get", "agent", "a", "-o"];
		expect((await runKlaw([...argv, "jsonpath={.metadata.name}"], { isTTY: true })).stdout).toBe("a\n");
		expect((await runKlaw([...argv, "jsonpath={.metadata.name}"])).stdout).toBe("a");
		expect((await runKlaw([...argv, 'jsonpath={.metadata.name}{"\\n"}'], { isTTY: true })).stdout).toBe("a\n");
	});

	it("an object that is not there is an error in kubectl's words", async () => {
		serve({});
		expect(await klaw(["get", "agent", "x"])).toEqual({
			code: 1,
			stdout: "",
			stderr: 'Error from server (NotFound): agents.klaw.sh "x" not found\n',
		});
	});
});

it("klaw describe shows every field", async () => {
	serve({ [`GET ${AGENTS}/a`]: { json: agent("a") } });
	expect((await klaw(["describe", "agent", "a"])).stdout).toMatch(
		/^Name: +a\nNamespace: +default\n[\s\S]*Spec:\n {2}Instructions: +Be kind\.\n/,
	);
});

describe("klaw create agent", () => {
	it("sends what was given, and instructions from a file", async () => {
		await writeFile(join(cwd, "how.md"), "Be brief.");
		serve({ [`POST ${AGENTS}`]: { status: 201, json: agent("a") } });
		const ran = await klaw(["create", "agent", "a", "--model", "offline/shell", "--tools", "bash, read", "--instructions-file", "how.md"]);
		expect(ran).toEqual({ code: 0, stdout: "agent.klaw.sh/a created\n", stderr: "" });
		expect(server.requests[0]?.body).toEqual({
			apiVersion: "klaw.sh/v1",
			kind: "Agent",
			metadata: { name: "a", namespace: "default" },
			spec: { model: "offline/shell", instructions: "Be brief.", tools: ["bash", "read"] },
		});
	});

	it("a refusal of the server is passed on", async () => {
		server.answer(() => failure(422, "Invalid", 'Agent.klaw.sh "a/b" is invalid: metadata.name: must not hold a slash'));
		const ran = await klaw(["create", "agent", "a/b"]);
		expect(ran).toMatchObject({
			code: 1,
			stderr: 'Error from server (Invalid): Agent.klaw.sh "a/b" is invalid: metadata.name: must not hold a slash\n',
		});
	});
});

describe("klaw apply", () => {
	const yaml = (name: string, instructions: string) =>
		`apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: ${name}}\nspec: {instructions: ${instructions}}\n---\n`;

	it("says of each object whether it was created, configured or left as it was", async () => {
		const stored = agent("same", { instructions: "old", tools: ["bash"] });
		serve({
			[`PUT ${AGENTS}/new`]: { status: 201, json: agent("new") },
			[`GET ${AGENTS}/same`]: { json: stored },
			[`PUT ${AGENTS}/same`]: { json: { ...stored, metadata: { ...stored.metadata, resourceVersion: "9" } } },
			[`GET ${AGENTS}/other`]: { json: agent("other") },
			[`PUT ${AGENTS}/other`]: { json: agent("other", { instructions: "new" }) },
		});
		const ran = await klaw(["apply", "-f", "-"], yaml("new", "x") + yaml("same", "old") + yaml("other", "new"));
		expect(ran).toEqual({
			code: 0,
			stdout: "agent.klaw.sh/new created\nagent.klaw.sh/same unchanged\nagent.klaw.sh/other configured\n",
			stderr: "",
		});
	});

	it("one object that is refused does not hold up the others", async () => {
		serve({ [`PUT ${AGENTS}/b`]: { status: 201, json: agent("b") } });
		const ran = await klaw(["apply", "-f", "-"], `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n${yaml("b", "x")}`);
		expect(ran).toMatchObject({ code: 1, stdout: "agent.klaw.sh/b created\n" });
		expect(ran.stderr).toBe(
			'error: klaw serves no kind "Pod" of apiVersion "v1". It serves klaw.sh/v1 Agent, klaw.sh/v1 Task, klaw.sh/v1 Session, v1 Node.\n',
		);
	});

	it("a task that exists is left alone when it is the same, and is not changed when it is not", async () => {
		const path = "/apis/klaw.sh/v1/namespaces/default/tasks/t";
		serve({
			[`GET ${path}`]: {
				json: { apiVersion: "klaw.sh/v1", kind: "Task", metadata: { name: "t" }, spec: { prompt: "p", agent: "default" } },
			},
		});
		const task = (prompt: string) => `apiVersion: klaw.sh/v1\nkind: Task\nmetadata: {name: t}\nspec: {prompt: ${prompt}}\n`;
		expect(await klaw(["apply", "-f", "-"], task("p"))).toMatchObject({ code: 0, stdout: "task.klaw.sh/t unchanged\n" });
		expect((await klaw(["apply", "-f", "-"], task("q"))).stderr).toContain('tasks.klaw.sh "t" exists, and its spec cannot be changed.');
	});

	it("an object in another namespace than -n is refused", async () => {
		const ran = await klaw(["apply", "-n", "team", "-f", "-"], yaml("a", "x").replace("{name: a}", "{name: a, namespace: other}"));
		expect(ran.stderr).toBe('error: Agent "a" is in namespace "other", but --namespace is "team". Leave one of the two out.\n');
	});
});

describe("klaw delete", () => {
	it("deletes by name, by KIND/NAME and by file", async () => {
		server.answer(() => ({ json: { kind: "Status", status: "Success" } }));
		await writeFile(join(cwd, "a.yaml"), "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: filed}\n");
		expect((await klaw(["delete", "agent", "a", "b"])).stdout).toBe('agent.klaw.sh "a" deleted\nagent.klaw.sh "b" deleted\n');
		expect((await klaw(["delete", "task/t", "node/n"])).stdout).toBe('task.klaw.sh "t" deleted\nnode "n" deleted\n');
		expect((await klaw(["delete", "-f", "a.yaml"])).stdout).toBe('agent.klaw.sh "filed" deleted\n');
		expect(server.requests.map(({ method, path }) => `${method} ${path}`).slice(-2)).toEqual([
			"DELETE /api/v1/nodes/n",
			`DELETE ${AGENTS}/filed`,
		]);
	});

	it("never means all of a kind", async () => {
		expect((await klaw(["delete", "agents"])).stderr).toBe("error: Name the agents to delete, for example: klaw delete agent NAME\n");
		expect(server.requests).toEqual([]);
	});
});

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
		expect(await klaw(["node", "join", server.url, "--token-file", "README.md"])).toEqual({
			code: 1,
			stdout: "",
			stderr:
				"error: The token file README.md holds no join token. It should hold that alone, on one line, as .klaw/run/join-token does where klaw runs.\n",
		});
	});
});

describe("what goes wrong", () => {
	it.each([
		[["get", "pods"], 'error: klaw knows no kind "pods". It knows agents|ag, tasks, sessions|sess, nodes|no.\n'],
		[["get", "tsks"], 'error: klaw knows no kind "tsks". Did you mean tasks? It knows agents|ag,'],
		[
			["up", "9911"],
			'error: up takes options only, and was given "9911". With npm, options stand behind two dashes: npm start -- --port 9911\n',
		],
		[["cancel", "task", "a", "b"], "error: too many arguments for 'cancel'."],
		[["get", "tasks", "-o", "xml"], "must be json, yaml, name, wide or jsonpath=TEMPLATE."],
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
