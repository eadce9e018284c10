import { describe, expect, it } from "vitest";
import type { ExecTarget } from "../../durable-objects/session/exec-target.ts";
import { EXEC_PATIENCE_MS, execPlace } from "./exec-place.ts";

const found = { state: "found" as const, node: "n", incarnation: 1, session: "ns/s", workspace: "w" };
const waiting = { state: "waiting" as const, message: "0/1 nodes are available: 1 Insufficient cpu." };
const none = { state: "none" as const, message: "it is being deleted." };

const response = new Response("the command's");
const connected = { state: "connected" as const, response };

interface Options {
	leavesAfter?: number;
	permitted?: () => Promise<void>;
	/** So often its node is not connected. */
	away?: number;
}

/** @param answers one after the other; the last again and again, each after a second */
async function place(
	answers: ExecTarget[],
	{ leavesAfter = Number.POSITIVE_INFINITY, permitted = async () => {}, away = 0 }: Options = {},
) {
	const client = new AbortController();
	let [now, asked, left, tried] = [0, 0, 0, 0];
	const result = await execPlace({
		ask: async () => {
			now += 1_000;
			const answer = answers[Math.min(asked, answers.length - 1)] ?? none;
			asked += 1;
			if (asked >= leavesAfter) client.abort();
			return answer;
		},
		permitted,
		connect: async () => {
			tried += 1;
			return tried > away ? response : undefined;
		},
		pause: async (ms) => {
			now += ms;
		},
		leave: async () => {
			left += 1;
		},
		signal: client.signal,
		now: () => now,
	});
	return { result, asked, left, now, tried };
}

describe("a person's command", () => {
	it("is asked about until it has a place", async () => {
		expect(await place([waiting, waiting, found])).toMatchObject({ result: connected, asked: 3, left: 0 });
	});

	it("waits for a node that is away, and goes where the session is by then", async () => {
		const elsewhere = { ...found, node: "m" };
		expect(await place([found, found, waiting, elsewhere], { away: 2 })).toMatchObject({ result: connected, asked: 4, tried: 3, left: 0 });
	});

	it("says that its node was away when that does not come back in time", async () => {
		const { result, left } = await place([found], { away: 1_000 });
		expect({ result, left }).toEqual({ result: { state: "none", message: "node n is not connected." }, left: 1 });
	});

	it("is refused when whoever waited may not run it any more", async () => {
		const permitted = async () => Promise.reject(new Error("forbidden"));
		await expect(place([waiting, found], { permitted })).rejects.toThrow("forbidden");
		expect(await place([found], { permitted })).toMatchObject({ result: connected });
	});

	it("is not asked about again when it will get none", async () => {
		expect(await place([waiting, none])).toMatchObject({ result: none, asked: 2, left: 0 });
	});

	it("waits so long and no longer, then says what it waited for and leaves its place", async () => {
		const { result, left, now } = await place([waiting]);
		expect({ result, left, now }).toEqual({ result: { state: "none", message: waiting.message }, left: 1, now: EXEC_PATIENCE_MS });
	});

	it.each([[[waiting]], [[waiting, found]]])("leaves its place when its client has gone: %j", async (answers) => {
		expect(await place(answers, { leavesAfter: 2 })).toMatchObject({ result: { state: "none" }, asked: 2, left: 1 });
	});
});
