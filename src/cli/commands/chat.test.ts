import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiReply, type ApiRequest, FakeApiServer, failure, frame } from "../../../test/fakes/api-server.ts";
import { NO_USAGE } from "../../models/message.ts";
import { type Ran, runKlaw } from "../test-io.ts";

const SESSIONS = "/apis/klaw.sh/v1/namespaces/default/sessions";
type AnyEvent = { type: string };
const finished = (seq: number, run: string, phase = "Succeeded") =>
	frame(seq, { type: "run.finished", run, phase, code: "Completed", message: "Stopped.", iterations: 1, usage: NO_USAGE } as AnyEvent);
const answer = (seq: number, run: string, text: string) =>
	frame(seq, {
		type: "model.completed",
		run,
		step: 1,
		message: { role: "assistant", content: [{ type: "text", text }] },
		usage: NO_USAGE,
	} as AnyEvent);
const said = (seq: number, run: string, text: string) => frame(seq, { type: "message.accepted", run, text } as AnyEvent);
const end = "(1 step, 0 tokens in, 0 out)\n";

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
	runKlaw(["--server", server.url, "--token", "t", "chat", ...argv], options);

/** A session that is there or not, and answers each message with its text in capitals. */
function serve({ exists = false, overrides = (_: ApiRequest): ApiReply | undefined => undefined } = {}): void {
	let run = 0;
	let last = "";
	server.answer((request) => {
		const { method, path, body } = request;
		const override = overrides(request);
		if (override) return override;
		if (method === "GET" && path.endsWith("/s"))
			return exists ? { json: { metadata: { name: "s" }, spec: { agent: "coder" } } } : failure(404, "NotFound", "not found");
		if (method === "POST" && path === SESSIONS) return { status: 201, json: body };
		if (path.endsWith("/messages")) {
			last = (body as { text: string }).text;
			return { status: 202, json: { session: "s", run: `run-${++run}`, seq: run * 10, duplicate: false } };
		}
		if (path.includes(`run=run-${run}`))
			return { stream: [answer(run * 10 + 1, `run-${run}`, last.toUpperCase()), finished(run * 10 + 2, `run-${run}`)] };
		return failure(500, "InternalError", `unexpected ${method} ${path}`);
	});
}

describe("klaw chat from a pipe", () => {
	it("sends each line as a message and prints the answers", async () => {
		serve();
		const ran = await klaw(["--session", "s", "--agent", "coder", "--model", "offline/shell"], { stdin: "one\n\ntwo\n" });
		expect(ran).toEqual({ code: 0, stdout: `ONE\n${end}TWO\n${end}`, stderr: "Session s created. To resume it: klaw chat --session s\n" });
		const posts = server.requests.filter(({ method }) => method === "POST");
		expect(posts[0]?.body).toEqual({ apiVersion: "klaw.sh/v1", kind: "Session", metadata: { name: "s" }, spec: { agent: "coder" } });
		expect(posts[1]?.body).toEqual({ text: "one", model: "offline/shell" });
	});

	it("repeats a message whose answer was lost under the same key", async () => {
		let lost = 0;
		serve({ overrides: ({ path }) => (path.endsWith("/messages") && lost++ === 0 ? { end: "cut" } : undefined) });
		expect(await klaw([], { stdin: "one\n" })).toMatchObject({ code: 0, stdout: expect.stringContaining(`ONE\n${end}`) });
		const keys = server.requests.filter(({ path }) => path.endsWith("/messages")).map(({ headers }) => headers["idempotency-key"]);
		expect(keys).toHaveLength(2);
		expect(keys[0]).toBe(keys[1]);
	});

	it("is exit code 1 when a run does not succeed", async () => {
		serve({ overrides: ({ path }) => (path.includes("/events") ? { stream: [finished(11, "run-1", "Failed")] } : undefined) });
		expect(await klaw([], { stdin: "one\n" })).toMatchObject({ code: 1, stdout: `✗ Failed (Completed): Stopped.\n${end}` });
	});

	it("a Ctrl-C cancels the run, shows how it ends, and ends the chat", async () => {
		let cancelled = false;
		serve({
			overrides: ({ path }) => {
				if (path.endsWith("/cancel")) cancelled = true;
				if (path.endsWith("/cancel")) return { json: { cancelled: ["run-1"] } };
				if (!path.includes("/events")) return undefined;
				// The stream ends and begins anew until the run is cancelled.
				return cancelled ? { stream: [finished(12, "run-1", "Cancelled")] } : { stream: [answer(11, "run-1", "Thinking")], end: "cut" };
			},
		});
		// A writer that keeps the pipe open, as a terminal's would be.
		const stdin = new Readable({ read: () => undefined });
		stdin.push("one\ntwo\n");
		const ran = await klaw([], {
			stdin,
			onStart: (interrupt, output) => {
				const timer = setInterval(() => {
					if (!output().includes("Thinking")) return;
					clearInterval(timer);
					interrupt();
				}, 5);
			},
		});
		expect(ran.code).toBe(130);
		expect(stdin.isPaused()).toBe(true);
		expect(ran.stdout).toContain("✗ Cancelled (Completed): Stopped.");
		expect(server.requests.filter(({ path }) => path.endsWith("/messages"))).toHaveLength(1);
	});
});

describe("klaw chat --session", () => {
	const history = [said(1, "run-8", "Old?"), answer(2, "run-8", "Old."), finished(3, "run-8"), said(4, "run-9", "Last?")];

	it("shows the last exchange of a session that exists, and goes on", async () => {
		const events = [...history, answer(5, "run-9", "Last."), finished(6, "run-9")];
		serve({ exists: true, overrides: ({ path }) => (path.endsWith("/events") ? { stream: events } : undefined) });
		const ran = await klaw(["--session", "s"], { stdin: "next\n" });
		expect(ran).toMatchObject({ code: 0, stdout: `> Last?\nLast.\n${end}NEXT\n${end}` });
		expect(ran.stderr).toBe("Session s resumed. To resume it: klaw chat --session s\n");
	});

	it("at a terminal, leaves no spinner behind for an exchange that is over", async () => {
		const events = [...history, answer(5, "run-9", "Last."), finished(6, "run-9")];
		serve({ exists: true, overrides: ({ path }) => (path.endsWith("/events") ? { stream: events } : undefined) });
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
		let shown = () => "";
		await klaw(["--session", "s"], {
			isTTY: true,
			onStart: (_, output) => {
				shown = output;
			},
		});
		vi.advanceTimersByTime(5_000);
		expect(shown()).toContain("Last.\n");
		expect(shown()).not.toContain("working");
	});

	it("waits for the end of a run that is still going on", async () => {
		serve({
			exists: true,
			overrides: ({ path }) => {
				if (path.endsWith("/events")) return { stream: history };
				return path.includes("run=run-9") ? { stream: [answer(5, "run-9", "Last."), finished(6, "run-9")] } : undefined;
			},
		});
		expect((await klaw(["--session", "s"])).stdout).toBe(`> Last?\nLast.\n${end}`);
	});

	it("refuses another agent than that of the session", async () => {
		serve({ exists: true });
		expect(await klaw(["--session", "s", "--agent", "writer"])).toMatchObject({
			code: 1,
			stderr: "error: The session s talks to the agent coder, not to writer. Leave out --agent, or start another session.\n",
		});
	});
});

it("klaw chat says at once that no server is running", async () => {
	const { url } = server;
	await server.close();
	expect(await runKlaw(["--server", url, "--token", "t", "chat"], { stdin: "one\n" })).toEqual({
		code: 1,
		stdout: "",
		stderr: `The connection to the server ${url} was refused. Is klaw running there? Start it with: npm start\n`,
	});
});
