import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeApiServer, failure, frame } from "../../test/fakes/api-server.ts";
import { ApiClient } from "./api-client.ts";
import { type FollowOptions, follow, isJournaled } from "./follow.ts";

let server: FakeApiServer;
beforeEach(async () => {
	server = new FakeApiServer();
	await server.listen();
});
afterEach(() => server.close());

const delta = (position: number, text: string) =>
	`event: model.delta\ndata: ${JSON.stringify({ type: "model.delta", run: "r", step: 1, attempt: 1, position, text })}\n\n`;
const finished = (seq: number) => frame(seq, { type: "run.finished", run: "r" } as { type: string });

async function collect(options: Partial<FollowOptions> = {}): Promise<(number | string)[]> {
	const client = new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test" });
	const seen: (number | string)[] = [];
	const all = {
		namespace: "default",
		session: "s",
		run: "r",
		follow: true,
		signal: AbortSignal.timeout(20_000),
		patience: { first: 0, later: 5_000 },
	};
	for await (const item of follow(client, { ...all, ...options }))
		seen.push(isJournaled(item) ? item.seq : "text" in item ? item.text : "");
	return seen;
}

describe("follow", () => {
	it("goes on after the last event when the connection breaks in the middle, and shows none twice", async () => {
		const streams = [
			{ stream: [frame(1, { type: "run.started" }), frame(2, { type: "drive.started" }), "id: 3\nevent: x\ndata: {"], end: "cut" as const },
			{ end: "cut" as const },
			failure(503, "ServiceUnavailable", "Starting."),
			// A server that sends one event again.
			{ stream: [frame(2, { type: "drive.started" }), frame(3, { type: "delivered" }), finished(4)] },
		];
		server.answer(() => streams.shift() ?? failure(404, "NotFound", "no more streams"));
		let lost = 0;
		let back = 0;
		expect(await collect({ onLost: () => lost++, onBack: () => back++ })).toEqual([1, 2, 3, 4]);
		expect(server.requests.map((request) => request.headers["last-event-id"])).toEqual([undefined, "2", "2", "2"]);
		expect([lost, back]).toEqual([1, 1]);
	});

	it("passes live pieces on and ends with the run, though the stream stays open", async () => {
		server.answer(() => ({ stream: [": hello\n\n", delta(0, "Hi"), finished(1)], end: "hold" }));
		expect(await collect()).toEqual(["Hi", 1]);
		expect(server.requests[0]?.path).toBe("/apis/klaw.sh/v1/namespaces/default/sessions/s/events?follow=true&run=r");
	});

	it("connects again when a stream that should go on ends cleanly", async () => {
		const streams = [{ stream: [frame(1, { type: "run.started" })] }, { stream: [finished(2)] }];
		server.answer(() => streams.shift() ?? failure(404, "NotFound", "no more streams"));
		expect(await collect()).toEqual([1, 2]);
	});

	it("ends when the run was over before, so that its stream stays empty", async () => {
		server.answer(() => ({ stream: [] }));
		expect(await collect({ after: 9 })).toEqual([]);
		expect(server.requests[0]?.headers["last-event-id"]).toBe("9");
	});

	it("without follow, ends with the journal", async () => {
		server.answer(() => ({ stream: [frame(1, { type: "run.started" })] }));
		expect(await collect({ follow: false, run: undefined })).toEqual([1]);
		expect(server.requests).toHaveLength(1);
	});

	it("without follow, goes on where the connection broke", async () => {
		const streams = [{ stream: [frame(1, { type: "run.started" })], end: "cut" as const }, { stream: [finished(2)] }];
		server.answer(() => streams.shift() ?? failure(404, "NotFound", "no more streams"));
		expect(await collect({ follow: false, run: undefined })).toEqual([1, 2]);
	});

	it("ends quietly when it is told to", async () => {
		const stop = new AbortController();
		server.answer(() => ({ stream: [frame(1, { type: "run.started" })], end: "hold" }));
		const client = new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test" });
		const options = { namespace: "default", session: "s", follow: true, signal: stop.signal, patience: { first: 0, later: 0 } };
		for await (const _ of follow(client, options)) stop.abort();
		expect(stop.signal.aborted).toBe(true);
	});

	it.each([
		["a refusal", { first: 5_000, later: 5_000 }, () => failure(404, "NotFound", 'sessions.klaw.sh "s" not found'), /NotFound/],
		[
			"a server that was never there",
			{ first: 0, later: 5_000 },
			() => ({ end: "cut" as const }),
			/The connection to the server .* failed/,
		],
		["a server that stays away", { first: 0, later: 300 }, undefined, /The connection to the server .* failed/],
	])("gives up on %s", async (_, patience, reply, message) => {
		server.answer(reply ?? (() => (server.requests.length === 1 ? { stream: [": hello\n\n"], end: "cut" } : { end: "cut" })));
		await expect(collect({ patience })).rejects.toThrow(message);
	});
});
