import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiReply, FakeApiServer, failure, frame } from "../../../test/fakes/api-server.ts";
import { type Ran, runKlaw } from "../test-io.ts";

const TASKS = "/apis/klaw.sh/v1/namespaces/default/tasks";

let server: FakeApiServer;
beforeEach(async () => {
	server = new FakeApiServer();
	await server.listen();
});
afterEach(async () => {
	vi.useRealTimers();
	await server.close();
});

const klaw = (argv: string[], options: Parameters<typeof runKlaw>[1] = {}): Promise<Ran> =>
	runKlaw(["--server", server.url, "--token", "t", ...argv], options);
const task = (name: string, status: Record<string, unknown> = {}) => ({
	apiVersion: "klaw.sh/v1",
	kind: "Task",
	metadata: { name },
	spec: { prompt: "p" },
	status,
});
const over = { phase: "Succeeded", result: "It is Linux.", session: "s", run: "r" };
const journal = [
	frame(1, {
		type: "model.completed",
		run: "r",
		step: 1,
		message: { role: "assistant", content: [{ type: "tool_call", id: "1", name: "bash", arguments: '{"command":"uname"}' }] },
		usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
	} as { type: string }),
	frame(2, { type: "tool.completed", run: "r", callId: "u.1.0", name: "bash", content: "Linux\n", isError: false, durationMs: 2 } as {
		type: string;
	}),
	frame(3, {
		type: "run.finished",
		run: "r",
		phase: "Succeeded",
		iterations: 2,
		usage: { input: 2, output: 2, cacheRead: 0, cacheWrite: 0 },
	} as { type: string }),
];
const shown = "● bash $ uname\n  │ Linux\n(2 steps, 2 tokens in, 2 out)\n";

describe("klaw dispatch", () => {
	it("creates a task and says its name", async () => {
		server.answer(() => ({ status: 201, json: task("t") }));
		expect(await klaw(["dispatch", "do it", "--name", "t", "--agent", "coder", "--model", "offline/shell"])).toEqual({
			code: 0,
			stdout: "task.klaw.sh/t created\n",
			stderr: "",
		});
		expect(server.requests[0]?.body).toEqual({
			apiVersion: "klaw.sh/v1",
			kind: "Task",
			metadata: { name: "t", namespace: "default" },
			spec: { prompt: "do it", agent: "coder", model: "offline/shell" },
		});
	});

	it("chooses a name that nobody else chooses, and reads the prompt from standard input", async () => {
		server.answer(() => ({ status: 201, json: task("t") }));
		const names = [await klaw(["dispatch", "-"], { stdin: "long prompt" }), await klaw(["dispatch", "x"])].map((ran) => ran.stdout);
		expect(names[0]).toMatch(/^task\.klaw\.sh\/task-[0-9a-f]{16} created\n$/);
		expect(names[0]).not.toBe(names[1]);
		expect(server.requests[0]?.body).toMatchObject({ spec: { prompt: "long prompt" } });
	});

	it("creates the task once when the answer is lost and the repetition finds the name taken", async () => {
		const replies: ApiReply[] = [{ end: "cut" }, failure(409, "AlreadyExists", "it exists"), { json: task("t") }];
		server.answer(() => replies.shift() ?? { status: 500 });
		const ran = await klaw(["dispatch", "p", "--name", "t"]);
		expect(ran).toMatchObject({ code: 0, stdout: "task.klaw.sh/t created\n" });
		expect(ran.stderr).toMatch(/failed: .*\. Trying again\.\n/);
		expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST ${TASKS}`, `POST ${TASKS}`, `GET ${TASKS}/t`]);
	});

	it("says why a task is refused for good, also after a lost answer", async () => {
		const replies: ApiReply[] = [{ end: "cut" }, failure(413, "RequestEntityTooLarge", "The body is too large.")];
		server.answer(() => replies.shift() ?? { status: 500 });
		const ran = await klaw(["dispatch", "p", "--name", "t"]);
		expect(ran).toMatchObject({ code: 1, stdout: "" });
		expect(ran.stderr).toMatch(/ Trying again\.\nError from server \(RequestEntityTooLarge\): The body is too large\.\n$/);
	});

	it("a name that is taken by another task is an error, also after a lost answer", async () => {
		server.answer(() => failure(409, "AlreadyExists", 'tasks.klaw.sh "t" already exists'));
		expect(await klaw(["dispatch", "p", "--name", "t"])).toMatchObject({
			code: 1,
			stderr: 'Error from server (AlreadyExists): tasks.klaw.sh "t" already exists\n',
		});
		const replies: ApiReply[] = [
			{ end: "cut" },
			failure(409, "AlreadyExists", "it exists"),
			{ json: { ...task("t"), spec: { prompt: "other" } } },
		];
		server.answer(() => replies.shift() ?? { status: 500 });
		expect(await klaw(["dispatch", "p", "--name", "t"])).toMatchObject({ code: 1 });
	});
});

it("klaw dispatch passes a refusal on that follows a lost answer", async () => {
	const replies: ApiReply[] = [{ end: "cut" }, failure(413, "RequestEntityTooLarge", "The request's body is too large.")];
	server.answer(() => replies.shift() ?? { status: 500 });
	const ran = await klaw(["dispatch", "p"]);
	expect(ran).toMatchObject({ code: 1, stdout: "" });
	expect(ran.stderr).toMatch(/Trying again\.\nError from server \(RequestEntityTooLarge\): The request's body is too large\.\n$/);
});

describe("klaw dispatch --wait", () => {
	/** A server on which the task begins at once; `events` are the answers to requests for its stream. */
	function serve(events: ApiReply[], status: Record<string, unknown> = over): void {
		server.answer(({ method, path }) => {
			if (method === "POST") return { status: 201, json: task("t") };
			if (path.includes("/events")) return events.shift() ?? { end: "cut" };
			return { json: task("t", status) };
		});
	}

	it("shows the work on stderr and prints the answer, and nothing else, on stdout", async () => {
		serve([{ stream: journal }]);
		expect(await klaw(["dispatch", "p", "--name", "t", "--wait"])).toEqual({ code: 0, stdout: "It is Linux.\n", stderr: shown });
	});

	it("goes on when the server goes away and comes back, and shows nothing twice", async () => {
		const streams: ApiReply[] = [
			{ stream: journal.slice(0, 1), end: "cut" },
			{ end: "cut" },
			failure(500, "InternalError", "x"),
			{ stream: journal.slice(1) },
		];
		const looks: ApiReply[] = [{ end: "cut" }, failure(503, "ServiceUnavailable", "x")];
		server.answer(({ method, path }) => {
			if (method === "POST") return { status: 201, json: task("t") };
			if (path.includes("/events")) return streams.shift() ?? { end: "cut" };
			return looks.shift() ?? { json: task("t", over) };
		});
		const ran = await klaw(["dispatch", "p", "--name", "t", "--wait"]);
		expect(ran).toMatchObject({ code: 0, stdout: "It is Linux.\n" });
		expect(ran.stderr.replace(/^\((?:The connection|Error from).*\n|^\(The server is back.*\n/gm, "")).toBe(shown);
	});

	it("waits until the end of the run has reached the task", async () => {
		const states = [{ phase: "Pending" }, { phase: "Running", session: "s", run: "r" }, { phase: "Running", session: "s", run: "r" }];
		server.answer(({ method, path }) => {
			if (method === "POST") return { status: 201, json: task("t") };
			if (path.includes("/events")) return { stream: journal };
			return { json: task("t", states.shift() ?? over) };
		});
		expect(await klaw(["dispatch", "p", "--name", "t", "--wait", "-o", "jsonpath={.status.phase}"])).toMatchObject({
			code: 0,
			stdout: "Succeeded",
		});
	});

	it.each([
		[
			"failed",
			{ phase: "Failed", reason: "MissingKey", message: "Set ANTHROPIC_API_KEY." },
			"The task t failed (MissingKey): Set ANTHROPIC_API_KEY.\n",
		],
		["was cancelled", { phase: "Cancelled", reason: "Cancelled", message: "By admin." }, "The task t was cancelled: By admin.\n"],
	])("a task that %s is exit code 1, with the reason on stderr", async (_, status, stderr) => {
		serve([], status);
		expect(await klaw(["dispatch", "p", "--name", "t", "--wait"])).toEqual({ code: 1, stdout: "", stderr });
	});

	it("gives up after --timeout, and says that the task goes on and how to follow it", async () => {
		serve([{ stream: journal.slice(0, 1), end: "hold" }], { phase: "Running", session: "s", run: "r" });
		const ran = await klaw(["dispatch", "p", "--name", "t", "--wait", "--timeout", "400ms"]);
		expect(ran).toMatchObject({ code: 1, stdout: "" });
		expect(ran.stderr).toContain("The task t is not over after 0.4 s; it goes on. Follow it with: klaw logs -f task/t\n");
	});

	it("a Ctrl-C leaves the task alone and says so", async () => {
		serve([{ stream: journal.slice(0, 1), end: "hold" }], { phase: "Running", session: "s", run: "r" });
		const ran = await klaw(["dispatch", "p", "--name", "t", "--wait"], {
			onStart: (interrupt, output) => {
				const timer = setInterval(() => {
					if (!output().includes("uname")) return;
					clearInterval(timer);
					interrupt();
				}, 5);
			},
		});
		expect(ran.code).toBe(130);
		expect(ran.stderr).toContain("The task t is not over; it goes on.");
	});

	it("a Ctrl-C before the server's answer says that it is not known whether the task was created", async () => {
		server.answer(() => ({ end: "hold" }));
		const ran = await klaw(["dispatch", "p", "--name", "t", "--wait"], {
			onStart: (interrupt) => {
				const timer = setInterval(() => {
					if (server.requests.length === 0) return;
					clearInterval(timer);
					interrupt();
				}, 5);
			},
		});
		expect(ran).toEqual({
			code: 130,
			stdout: "",
			stderr: "Interrupted before the server's answer came. See whether the task was created with: klaw get task t\n",
		});
	});
});

describe("klaw dispatch without a server", () => {
	const refused =
		/^The connection to the server \S+ was refused\. Is klaw running there\? Start it with: npm start\. Trying again\. That ends after 30 s at the latest\.\n/;

	it.each([[["--wait"]], [[]]])("tries for half a minute, in which one that was killed is back, and says so (%o)", async (flags) => {
		const { url } = server;
		await server.close();
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
		let shown = () => "";
		const ran = runKlaw(["--server", url, "--token", "t", "dispatch", "p", ...flags], {
			onStart: (_, output) => {
				shown = output;
			},
		});
		await vi.waitUntil(() => shown().includes("Trying again."));
		vi.advanceTimersByTime(30_000);
		const { code, stderr } = await ran;
		expect(code).toBe(1);
		expect(stderr).toMatch(refused);
		expect(stderr).toMatch(/\nThe connection to the server \S+ was refused\. Is klaw running there\? Start it with: npm start\n$/);
	});

	it("that is interrupted knows that the task was not created", async () => {
		const { url } = server;
		await server.close();
		const ran = await runKlaw(["--server", url, "--token", "t", "dispatch", "p"], {
			onStart: (interrupt, output) => {
				const timer = setInterval(() => {
					if (!output().includes("Trying again.")) return;
					clearInterval(timer);
					interrupt();
				}, 5);
			},
		});
		expect(ran.code).toBe(130);
		expect(ran.stderr).toMatch(/\nInterrupted\. The task was not created\.\n$/);
	});
});

it("klaw dispatch that npx started says how to go on with npx", async () => {
	server.answer(({ method }) => (method === "POST" ? { status: 201, json: task("t") } : { json: task("t", { phase: "Pending" }) }));
	const argv = ["dispatch", "p", "--name", "t", "--wait", "--timeout", "100ms"];
	expect((await klaw(argv, { env: { npm_command: "exec" } })).stderr).toContain("Follow it with: npx klaw logs -f task/t\n");
	expect((await klaw(argv, { env: { npm_command: "start" } })).stderr).toContain("Follow it with: klaw logs -f task/t\n");
});
