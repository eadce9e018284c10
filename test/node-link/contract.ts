import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NodeToolResult } from "../../containers/node/protocol.ts";
import type { NodeStats } from "../../containers/node/stats/protocol.ts";
import type { StopOrder } from "../../durable-objects/node/orders.ts";
import type { CallReply, NodeCall, NodeHeartbeat } from "../../durable-objects/ports.ts";

/** What the sessions and the dispatcher of a world heard of its one node, in order. */
export type Heard =
	| { who: "session"; session: string; type: "output"; callId: string; text: string }
	/** Also those that were refused. */
	| { who: "session"; session: string; type: "result"; callId: string; incarnation: number; result: NodeToolResult; keeps?: boolean }
	| { who: "session"; session: string; type: "ready" }
	| { who: "dispatcher"; type: "joined"; incarnation: number; source: string | undefined }
	| { who: "dispatcher"; type: "left" | "lost" | "replaced" | "failed"; incarnation?: number };

/** One node over one kind of link, and the control plane around it. */
export interface LinkWorld {
	/** Of the node. */
	name: string;
	/** In which the machine is now. */
	incarnation(): Promise<number>;
	call(call: NodeCall): Promise<CallReply>;
	stop(order: StopOrder): Promise<void>;
	stats(): Promise<NodeStats | undefined>;
	heartbeat(): Promise<NodeHeartbeat>;
	/** Runs a person's command. */
	exec(command: string[]): Promise<{ stdout: string; exitCode: number | undefined }>;
	heard(): Promise<Heard[]>;
	/** Sessions refuse to take results, or take them (again). */
	refuseResults(refuse: boolean): Promise<void>;
	/** The connection breaks; both ends live on, and it comes back by itself. */
	cut(): Promise<void>;
	end(): Promise<void>;
}

const PATIENCE_MS = 30_000;

function readiesIn(heard: readonly Heard[]): number {
	return heard.filter(({ type }) => type === "ready").length;
}

/**
 * What holds over every link. The machine at the other end runs `bash` calls; a world without a shell understands
 * `echo` and `sleep`.
 */
export function nodeLinkContract(kind: string, start: () => Promise<LinkWorld>): void {
	describe(`the link to ${kind}`, () => {
		let world: LinkWorld;
		let calls = 0;
		beforeAll(async () => {
			world = await start();
			await heardOf((heard) => heard.some(({ type }) => type === "joined"));
		});
		afterAll(() => world?.end());

		async function heardOf(condition: (heard: Heard[]) => boolean): Promise<void> {
			const end = Date.now() + PATIENCE_MS;
			while (!condition(await world.heard())) {
				if (Date.now() > end) throw new Error(`Not heard: ${condition}. Heard was: ${JSON.stringify(await world.heard())}`);
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		}

		/** `readies`: how often its session had been told that the node is ready, before it was sent. */
		async function bash(command: string, more: Partial<NodeCall> = {}): Promise<{ callId: string; reply: CallReply; readies: number }> {
			const callId = more.callId ?? `call-${++calls}`;
			const readies = readiesIn(await world.heard());
			const incarnation = await world.incarnation();
			const base = { callId, session: "default/s", workspace: "s", incarnation, tool: "bash", timeoutMs: 60_000 };
			return { callId, reply: await world.call({ ...base, arguments: { command }, ...more }), readies };
		}

		const results = async (callId: string) =>
			(await world.heard()).flatMap((heard) => (heard.type === "result" && heard.callId === callId ? [heard] : []));

		async function result(callId: string) {
			await heardOf((heard) => heard.some((one) => one.type === "result" && one.callId === callId));
			return (await results(callId))[0];
		}

		/** As a session does it: what was not sent, or got lost on its way, is sent again when the node is said to be ready. */
		async function untilResult(command: string, { callId, readies }: { callId: string; readies: number }) {
			for (let before = readies; ; { readies: before } = await bash(command, { callId })) {
				await heardOf((heard) => heard.some((one) => one.type === "result" && one.callId === callId) || readiesIn(heard) > before);
				const [first] = await results(callId);
				if (first) return first;
			}
		}

		it("has a hello that is welcomed, and the dispatcher told", async () => {
			expect(await world.heartbeat()).toMatchObject({ connected: true, incarnation: await world.incarnation() });
			expect((await world.heartbeat()).heardAt).toBeGreaterThan(0);
		});

		it("carries a call down, its output and its result up to the session, and the acknowledgement down", async () => {
			const { callId, reply } = await bash("echo hello; sleep 0.5; echo end");
			expect(reply).toEqual({ state: "sent" });
			expect(await result(callId)).toMatchObject({
				...{ session: "default/s", incarnation: await world.incarnation() },
				result: { isError: false, content: expect.stringContaining("hello") },
			});
			await heardOf((heard) => heard.some((one) => one.type === "output" && one.callId === callId && one.text.includes("hello")));
		});

		it("repeats a result until the session has taken it, and not afterwards", async () => {
			await world.refuseResults(true);
			const { callId } = await bash("echo again");
			await heardOf((heard) => heard.filter((one) => one.type === "result" && one.callId === callId).length >= 2);
			await world.refuseResults(false);
			const before = (await results(callId)).length;
			await heardOf((heard) => heard.filter((one) => one.type === "result" && one.callId === callId).length > before);
			// Acknowledged: what comes afterwards over the same link brings none of it.
			const taken = (await results(callId)).length;
			await world.cut();
			await untilResult("echo later", await bash("echo later"));
			expect((await results(callId)).length).toBeLessThanOrEqual(taken + 1);
		});

		it("runs a call once, however often it is sent", async () => {
			const { callId } = await bash("sleep 1; echo once");
			await bash("sleep 1; echo once", { callId });
			expect((await result(callId))?.result.content).toContain("once");
			await bash("sleep 1; echo once", { callId });
			const contents = new Set((await results(callId)).map((one) => one.result.durationMs));
			expect(contents.size).toBe(1);
		});

		it("loses no result when it breaks: the machine goes on, and reports when it is back", async () => {
			const sent = await bash("sleep 2; echo survived");
			await world.cut();
			expect((await untilResult("sleep 2; echo survived", sent)).result.content).toContain("survived");
		});

		it("delivers a stop that was ordered while it was broken", async () => {
			const { callId } = await bash("sleep 300; echo never");
			const incarnation = await world.incarnation();
			await world.cut();
			await world.stop({ callId, session: "default/s", incarnation, reason: "the run was cancelled" });
			expect((await result(callId))?.result).toMatchObject({ isError: true, content: expect.stringContaining("the run was cancelled") });
		});

		it("takes no call for another incarnation", async () => {
			const incarnation = (await world.incarnation()) + 7;
			expect((await bash("echo no", { incarnation })).reply).toEqual({ state: "replaced", incarnation: await world.incarnation() });
		});

		it("carries a person's command, its output and its exit code", async () => {
			const connected = async () => (await world.heartbeat()).connected;
			while (!(await connected())) await new Promise((resolve) => setTimeout(resolve, 50));
			expect(await world.exec(["echo", "typed"])).toEqual({ stdout: "typed\n", exitCode: 0 });
		});

		it("answers what the machine uses", async () => {
			expect(await world.stats()).toMatchObject({ node: { memory: expect.any(Number) } });
		});
	});
}
