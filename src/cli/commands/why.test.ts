import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ApiRequest, FakeApiServer, failure } from "../../../test/fakes/api-server.ts";
import { runKlaw } from "../test-io.ts";

const N = "/apis/klaw.sh/v1/namespaces/default";
const STATUS = {
	recorded: true,
	time: new Date().toISOString(),
	node: "n1",
	message: "Successfully assigned default/x to n1",
	nodes: [{ node: "n1", scores: { NodeResourcesFit: 50 }, total: 50 }],
	omitted: 0,
	evaluated: 1,
	feasible: 1,
};

let server: FakeApiServer;
let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "klaw-why-"));
	await writeFile(join(dir, "agent.yaml"), "apiVersion: klaw.sh/v1\nkind: Agent\nmetadata: {name: new}\nspec: {nodeSelector: {zone: a}}\n");
	await writeFile(join(dir, "map.yaml"), "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}\n");
	await writeFile(
		join(dir, "two.yaml"),
		"{apiVersion: klaw.sh/v1, kind: Agent, metadata: {name: a}}\n---\n{apiVersion: klaw.sh/v1, kind: Agent, metadata: {name: b}}\n",
	);
});
afterAll(() => rm(dir, { recursive: true, force: true }));
beforeEach(async () => {
	server = new FakeApiServer();
	server.answer(answer);
	await server.listen();
});
afterEach(() => server.close());

function answer({ method, path, body }: ApiRequest) {
	if (method === "POST")
		return { status: 201, json: { apiVersion: "klaw.sh/v1", kind: "PlacementReview", ...Object(body), status: STATUS } };
	if (path === `${N}/sessions/x`) return { json: { kind: "Session", metadata: { name: "x" }, status: { node: "n1" } } };
	if (path === `${N}/tasks/t`) return { json: { kind: "Task", metadata: { name: "t" }, status: { session: "x" } } };
	return failure(404, "NotFound", `${path} not found`);
}

const why = (...argv: string[]) => runKlaw(["--server", server.url, "--token", "t", "why", ...argv], { cwd: dir });
const asked = () => server.requests.filter(({ method }) => method === "POST").map(({ path, body }) => [path, Object(body).spec]);

describe("klaw why", () => {
	it("asks about a session, and tells the decision", async () => {
		const { code, stdout } = await why("session/x");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^session\/x: Successfully assigned default\/x to n1\.\nDecided \S+ ago: 1 of 1 node would do\.\n\nNODE/);
		expect(asked()).toEqual([[`${N}/placementreviews`, { session: "x" }]]);
	});

	it("finds the session of a task", async () => {
		expect((await why("task/t")).stdout).toMatch(/^task\/t in session\/x: /);
		expect(asked()).toEqual([[`${N}/placementreviews`, { session: "x" }]]);
	});

	it("asks what if, for an agent of a file and for one on the server", async () => {
		await why("--what-if", "-f", "agent.yaml");
		await why("--what-if", "agent/coder");
		expect(asked().map(([, spec]) => spec)).toEqual([{ agent: { nodeSelector: { zone: "a" } }, agentName: "new" }, { agentName: "coder" }]);
	});

	it("prints the review itself with -o", async () => {
		expect(JSON.parse((await why("session/x", "-o", "json")).stdout)).toMatchObject({ kind: "PlacementReview", status: { node: "n1" } });
		expect((await why("session/x", "-o", "jsonpath={.status.message}")).stdout).toBe(STATUS.message);
	});

	it.each([
		[[], "klaw why session/NAME"],
		[["pod/x"], '"pod/x" is neither a session nor a task'],
		[["-f", "agent.yaml"], "-f goes with --what-if"],
		[["--what-if"], "--what-if needs an agent"],
		[["--what-if", "-f", "two.yaml"], "two.yaml holds 2 agents (a, b), and --what-if takes one."],
		[["--what-if", "-f", "map.yaml"], "map.yaml holds no Agent, only ConfigMap. --what-if takes one Agent."],
		[["--what-if", "-f", "none.yaml"], 'the path "none.yaml" does not exist'],
		[
			["--what-if", "coder"],
			'--what-if needs an agent, and "coder" is none: klaw why --what-if -f agent.yaml, or klaw why --what-if agent/NAME',
		],
		[["--what-if", "agent/a", "-f", "agent.yaml"], "not both"],
		[["session/gone"], "not found"],
	])("%j is refused with what to do", async (argv, message) => {
		const { code, stderr } = await why(...argv);
		expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
		expect(asked()).toEqual([]);
	});
});
