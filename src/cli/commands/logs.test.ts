import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApiReply, FakeApiServer, failure, frame } from "../../../test/fakes/api-server.ts";
import { type Ran, runKlaw } from "../test-io.ts";

let server: FakeApiServer;
beforeEach(async () => {
	server = new FakeApiServer();
	await server.listen();
});
afterEach(() => server.close());

const klaw = (...argv: string[]): Promise<Ran> => runKlaw(["--server", server.url, "--token", "t", ...argv]);
const delivered = (seq: number) => frame(seq, { type: "delivered" });
const finished = (seq: number) => frame(seq, { type: "run.finished", run: "r", phase: "Succeeded", result: "ok" } as { type: string });
const live = 'event: tool.output\ndata: {"type":"tool.output","run":"r","callId":"c","position":0,"text":"x"}\n\n';

it("prints every event of a session once, across a broken connection, and no live pieces", async () => {
	const streams: ApiReply[] = [{ stream: [delivered(1), live, delivered(2)], end: "cut" }, { stream: [delivered(2), delivered(3)] }];
	server.answer(() => streams.shift() ?? failure(404, "NotFound", "no more"));
	const ran = await klaw("logs", "s");
	expect(ran.code).toBe(0);
	expect(ran.stdout.split("\n").map((line) => line.slice(0, 4).trim())).toEqual(["1", "2", "3", ""]);
	expect(ran.stdout).toContain("   1 1970-01-01T00:00:01.000Z delivered\n");
});

it("-f at a terminal shows what a command prints before it is over; without -f or with -o json it does not", async () => {
	server.answer(({ path }) =>
		path.includes("/events")
			? { stream: [delivered(4), live, finished(5)] }
			: { json: { metadata: { name: "t" }, status: { session: "s", run: "r" } } },
	);
	const logs = async (...argv: string[]) =>
		(await runKlaw(["--server", server.url, "--token", "t", "logs", "task/t", ...argv], { isTTY: true })).stdout;
	expect(await logs("-f")).toMatch(/ delivered\n {5}… tool\.output\n {5}x\n {3}5 /);
	expect(await logs()).not.toContain("tool.output");
	expect(await logs("-f", "-o", "json")).not.toContain("tool.output");
	expect((await klaw("logs", "-f", "task/t")).stdout).not.toContain("tool.output");
});

it("-f of a task ends with its run, and -o json prints one event a line", async () => {
	server.answer(({ path }) =>
		path.includes("/events")
			? { stream: [delivered(4), finished(5)], end: "hold" }
			: { json: { metadata: { name: "t" }, status: { session: "s", run: "r" } } },
	);
	const ran = await klaw("logs", "-f", "task/t", "-o", "json", "--since-seq", "3");
	expect(
		ran.stdout
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line).seq),
	).toEqual([4, 5]);
	expect(server.requests[1]).toMatchObject({
		path: expect.stringContaining("sessions/s/events?follow=true&run=r"),
		headers: { "last-event-id": "3" },
	});
});

it("-f waits for a task that has not begun; without -f it is said that there are no logs yet", async () => {
	const looks: ApiReply[] = [{ json: { metadata: { name: "t" }, status: { phase: "Pending" } } }];
	server.answer(({ path }) =>
		path.includes("/events")
			? { stream: [finished(2)] }
			: (looks.shift() ?? { json: { metadata: { name: "t" }, status: { session: "s", run: "r" } } }),
	);
	expect((await klaw("logs", "-f", "task/t")).stdout).toContain("run.finished");
	server.answer(() => ({ json: { metadata: { name: "t" }, status: { phase: "Pending" } } }));
	expect(await klaw("logs", "task/t")).toEqual({
		code: 0,
		stdout: "",
		stderr: "task/t has no run yet, so there are no logs. To wait for them: klaw logs -f task/t\n",
	});
});

it("a session that is not there, and a kind without logs, are said so", async () => {
	server.answer(() => failure(404, "NotFound", 'sessions.klaw.sh "s" not found'));
	expect(await klaw("logs", "-f", "s")).toEqual({
		code: 1,
		stdout: "",
		stderr: 'Error from server (NotFound): sessions.klaw.sh "s" not found\n',
	});
	expect((await klaw("logs", "agent/a")).stderr).toContain('Sessions and tasks have logs, "agent/a" has none.');
	expect((await klaw("logs", "s", "--since-seq", "x")).stderr).toContain("It must be a sequence number, such as 12.");
});
