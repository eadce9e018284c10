import { describe, expect, it, onTestFinished } from "vitest";
import { nodeLinkContract } from "../../test/node-link/contract.ts";
import { MemoryWorld } from "../../test/node-link/memory-world.ts";

nodeLinkContract("a machine in memory", async () => {
	const world = new MemoryWorld();
	world.connect();
	return world;
});

async function joined(): Promise<MemoryWorld> {
	const world = new MemoryWorld();
	onTestFinished(() => world.end());
	world.connect();
	await expect.poll(() => world.machine.link()).toBeDefined();
	return world;
}

const call = (incarnation: number, command = "sleep 300") => ({
	...{ callId: `c-${command}`, session: "default/s", workspace: "s", incarnation, tool: "bash", timeoutMs: 1_000 },
	arguments: { command },
});

describe("a machine that was not heard for too long", () => {
	it("is lost for the dispatcher and for whoever waits for its calls", async () => {
		const world = await joined();
		expect(await world.call(call(1))).toEqual({ state: "sent" });
		world.machine.lose();
		await world.reports.flush();
		const heard = await world.heard();
		expect(heard).toContainEqual({ who: "dispatcher", type: "lost", incarnation: 1 });
		expect(heard).toContainEqual({ who: "session", session: "default/s", type: "ready" });
		expect(await world.call(call(1))).toEqual({ state: "replaced", incarnation: 2 });
	});

	it("is not believed what it still says under its old incarnation, over whatever connection", async () => {
		const world = await joined();
		await world.call(call(1));
		const old = world.machine.link();
		world.machine.lose();
		await expect.poll(() => world.machine.link()?.incarnation).toBe(2);
		const lie = {
			...{ v: 1, type: "result", id: "c-sleep 300", session: "default/s" },
			result: { content: "LIES", isError: false, durationMs: 1 },
		};
		for (const link of [old, world.machine.link()]) if (link) await world.machine.message(link, JSON.stringify({ ...lie, incarnation: 1 }));
		expect((await world.heard()).filter(({ type }) => type === "result")).toEqual([]);
	});

	it("comes back as the next incarnation, and takes calls again", async () => {
		const world = await joined();
		world.machine.lose();
		await expect.poll(() => world.machine.link()?.incarnation).toBe(2);
		expect(await world.call(call(2, "echo back"))).toEqual({ state: "sent" });
		await expect.poll(async () => (await world.heard()).filter(({ type }) => type === "result")).toHaveLength(1);
	});
});

describe("a machine that is gone for good", () => {
	it("frees its name, and the next under it has a higher incarnation", async () => {
		const world = await joined();
		await world.call(call(1));
		world.machine.replace("The container has ended.");
		await world.reports.flush();
		expect(await world.heard()).toContainEqual({ who: "dispatcher", type: "replaced", incarnation: 1 });
		expect(await world.heard()).toContainEqual({ who: "session", session: "default/s", type: "ready" });
		expect(await world.call(call(1))).toMatchObject({ state: "replaced" });
		await expect.poll(() => world.machine.link()?.incarnation).toBe(2);
	});
});

describe("an order to stop a call that the machine does not have", () => {
	it("ends when the machine says so, and the call is not sent afterwards either", async () => {
		const world = await joined();
		const order = { callId: call(1).callId, session: "default/s", incarnation: 1, reason: "given up" };
		world.machine.stop(order);
		await expect.poll(() => world.storage.orders()).toEqual([]);
		expect(await world.call(call(1))).toEqual({ state: "sent" });
		expect(world.storage.flights()).toEqual([]);
	});
});

describe("nobody waits", () => {
	it("for a machine that has answered all its calls: nothing is due", async () => {
		const world = await joined();
		await world.call(call(1, "echo done"));
		await expect.poll(() => world.storage.flights()).toEqual([]);
		await expect.poll(() => world.reports.dueAt()).toBeUndefined();
	});
});
