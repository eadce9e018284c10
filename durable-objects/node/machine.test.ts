import { describe, expect, it, onTestFinished, vi } from "vitest";
import { nodeLinkContract } from "../../test/node-link/contract.ts";
import { MemoryWorld } from "../../test/node-link/memory-world.ts";
import { MemoryLink } from "./memory-link.ts";

nodeLinkContract("a machine in memory", async () => {
	const world = new MemoryWorld();
	world.connect();
	return world;
});

async function joined(features?: string[] | "none"): Promise<MemoryWorld> {
	const world = new MemoryWorld();
	onTestFinished(() => world.end());
	if (features) world.node.features = features === "none" ? undefined : features;
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

describe("a machine with calls that does not speak", () => {
	const woken = async (world: MemoryWorld) => (await world.heard()).filter(({ type }) => type === "ready").length;

	it("is missed: who waits is woken, is told so when it asks, and is woken again when the machine is heard", async () => {
		const real = Date.now;
		let ahead = 0;
		const clock = vi.spyOn(Date, "now").mockImplementation(() => real() + ahead);
		onTestFinished(() => void clock.mockRestore());
		const world = await joined();
		expect(await world.call(call(1))).toEqual({ state: "sent" });
		ahead = 20_000;
		await world.machine.lookForSilence();
		expect(await woken(world)).toBe(1);
		expect(await world.call(call(1))).toMatchObject({ state: "sent", silence: { connected: true } });
		ahead = 0;
		await world.machine.lookForSilence();
		expect(await woken(world)).toBe(2);
		expect(await world.call(call(1))).toEqual({ state: "sent" });
	});
});

describe("a machine that says hello", () => {
	const hello = (world: MemoryWorld, bootId: string) => {
		const { name, uid, capacity } = world.machine.identity() ?? {
			name: world.name,
			uid: "memory",
			capacity: { cpu: 1, memory: 1, slots: 1 },
		};
		const node = { name, uid, version: "1", os: "linux", arch: "x64", capacity, bootId };
		return JSON.stringify({ v: 1, type: "hello", id: bootId, incarnation: 0, node });
	};

	it("is heard once over a connection: a hundred reboots over one change nothing", async () => {
		const world = await joined();
		const link = world.machine.link();
		for (let boot = 0; link && boot < 100; boot++) await world.machine.message(link, hello(world, `b${boot}`));
		expect(world.machine.heartbeat()).toMatchObject({ connected: true, incarnation: 1 });
		expect((await world.heard()).filter(({ who }) => who === "dispatcher")).toHaveLength(1);
	});

	it("over one connection after the other, each time as rebooted, is rebooted once, and is to try again later", async () => {
		const world = await joined();
		const answers: string[] = [];
		for (let boot = 0; boot < 20; boot++) {
			const peer = { hear: (said: unknown) => void answers.push(String(said)), ended: () => undefined };
			const link = new MemoryLink({ message: async () => undefined, lost: async () => undefined }, peer, Date.now);
			await world.machine.message(link, hello(world, `b${boot}`));
		}
		expect(world.machine.heartbeat().incarnation).toBe(2);
		expect(answers.filter((answer) => answer.includes('"RebootedTooSoon"'))).toHaveLength(18);
		expect(JSON.parse(answers.at(-1) ?? "")).toMatchObject({
			type: "reject",
			retryable: true,
			message: expect.stringMatching(/less than 5 s ago/),
		});
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

const ending = (id: string, incarnation = 1) => ({ id: `rest:${id}`, session: "default/s", workspace: "s", incarnation });
const told = ({ node }: MemoryWorld, what: string) => node.told.filter((frame) => frame === what).length;

describe("a session whose lease has ended", () => {
	it("is at rest when the machine has said so, and nothing is left to be said", async () => {
		const world = await joined();
		await world.machine.rest(ending("a"));
		expect([told(world, "rest s"), world.storage.orders()]).toEqual([1, []]);
	});

	it("is brought to rest when the machine is back, if that was away", async () => {
		const world = await joined();
		await world.cut();
		await world.machine.rest(ending("a"));
		expect(told(world, "rest s")).toBe(0);
		await expect.poll(() => [told(world, "rest s"), world.storage.orders()]).toEqual([1, []]);
	});

	it("is brought to rest again when the answer was lost", async () => {
		const world = await joined();
		world.node.obeys = false;
		const asked = world.machine.rest(ending("a"));
		await expect.poll(() => told(world, "rest s")).toBe(1);
		world.node.obeys = true;
		await world.cut();
		await asked;
		expect([told(world, "rest s"), world.storage.orders()]).toEqual([2, []]);
	});

	it("has its calls stopped before it is brought to rest by a machine that was away", async () => {
		const world = await joined();
		await world.call(call(1));
		await world.cut();
		world.machine.stop({ ...ending("a"), callId: call(1).callId, reason: "the run was cancelled" });
		await world.machine.rest(ending("a"));
		await expect.poll(() => told(world, "rest s")).toBe(1);
		expect(world.node.told.filter((frame) => /^(cancel|rest)/.test(frame))).toEqual([`cancel ${call(1).callId}`, "rest s"]);
	});

	it("is left alone once it runs a call again, also when the machine was away and is told all that it missed", async () => {
		const world = await joined();
		await world.cut();
		await world.machine.rest(ending("a"));
		await world.call(call(1));
		expect(world.storage.orders()).toEqual([]);
		await expect.poll(() => world.machine.link()).toBeDefined();
		await world.call(call(1));
		await world.machine.stats();
		expect(told(world, "rest s")).toBe(0);
	});

	it("whose last result is on its way still, as far as is known here, is brought to rest when that was taken", async () => {
		vi.spyOn(console, "warn").mockReturnValue();
		onTestFinished(() => void vi.restoreAllMocks());
		const world = await joined();
		await world.refuseResults(true);
		await world.call(call(1, "echo a"));
		await expect.poll(async () => (await world.heard()).some(({ type }) => type === "result")).toBe(true);
		const rested = world.machine.rest(ending("a"));
		await world.machine.stats();
		expect(told(world, "rest s")).toBe(0);
		await world.refuseResults(false);
		await rested;
		expect([told(world, "rest s"), world.storage.orders(), world.storage.flights()]).toEqual([1, [], []]);
	});

	it("is brought to rest at the end of a person's command that is known here still, also when the machine was away before", async () => {
		const world = await joined();
		world.storage.exec({ id: "e", session: "default/s", incarnation: 1 });
		const rested = world.machine.rest(ending("a"));
		await world.machine.stats();
		expect(told(world, "rest s")).toBe(0);
		world.storage.endExec("e", {});
		world.machine.ended("default/s");
		await rested;
		expect([told(world, "rest s"), world.storage.orders()]).toEqual([1, []]);
	});

	it("waits with its rest when the machine is back and still has its call", async () => {
		const world = await joined();
		await world.call(call(1));
		void world.machine.rest(ending("a"));
		await world.cut();
		await expect.poll(() => world.machine.link()).toBeDefined();
		await world.machine.stats();
		expect([told(world, "rest s"), world.storage.orders()]).toMatchObject([0, [{ id: "rest:s" }]]);
		world.machine.stop({ ...ending("a"), callId: call(1).callId, reason: "the run was cancelled" });
		await expect.poll(() => world.storage.orders()).toEqual([]);
		expect(world.node.told.filter((frame) => /^(cancel|rest)/.test(frame)).slice(0, 2)).toEqual([`cancel ${call(1).callId}`, "rest s"]);
	});

	it("is left alone when a new call comes before the old one has ended, and not when that is only asked about again", async () => {
		const world = await joined();
		await world.call(call(1));
		const rested = world.machine.rest(ending("a"));
		await world.call(call(1));
		expect(world.storage.orders()).toMatchObject([{ id: "rest:s" }]);
		await world.call({ ...call(1), callId: "another" });
		await rested;
		expect(world.storage.orders()).toEqual([]);
	});

	it("is left alone when the word of an earlier lease's end comes twice, and late", async () => {
		const world = await joined();
		await world.machine.rest(ending("a"));
		await world.machine.rest(ending("a"));
		expect(told(world, "rest s")).toBe(1);
	});

	it("has nothing to be told of a machine that is another by now", async () => {
		const world = await joined();
		await world.cut();
		await world.machine.rest(ending("a"));
		world.machine.lose();
		expect(world.storage.orders()).toEqual([]);
		await expect.poll(() => world.machine.link()?.incarnation).toBe(2);
		await world.machine.rest(ending("b", 1));
		await world.machine.stats();
		expect(told(world, "rest s")).toBe(0);
	});

	it("does not wait for a runtime that is too old to know, and nothing piles up for it", async () => {
		const world = await joined("none");
		await world.machine.rest(ending("a"));
		await world.cut();
		await world.machine.rest(ending("b"));
		expect(world.storage.orders()).toHaveLength(1);
		await expect.poll(() => world.machine.link()).toBeDefined();
		await world.machine.stats();
		expect([told(world, "rest s"), world.storage.orders()]).toEqual([0, []]);
	});
});

describe("a session that has its files on another node", () => {
	const moved = (id: string, name = "s") => ({ id, session: `default/${name}`, workspace: name });

	it("is forgotten, also by a machine that was away", async () => {
		const world = await joined();
		await world.cut();
		expect(world.machine.leave(moved("a"))).toBe(true);
		await expect.poll(() => [told(world, "forget s"), world.storage.orders()]).toEqual([1, []]);
	});

	it("and is back is not forgotten: not by an order that nobody has answered, nor by one that comes late", async () => {
		const world = await joined();
		world.node.obeys = false;
		world.machine.leave(moved("a"));
		await expect.poll(() => told(world, "forget s")).toBe(1);
		await world.call(call(1));
		world.machine.leave(moved("a"));
		expect(world.storage.orders()).toEqual([]);
		await world.cut();
		await expect.poll(() => world.machine.link()).toBeDefined();
		await world.machine.stats();
		expect(told(world, "forget s")).toBe(1);
	});

	it("is forgotten whatever another session has said under the same id", async () => {
		const world = await joined();
		for (const name of ["x", "y"]) world.machine.leave(moved("leave:node-1:57", name));
		await expect.poll(() => world.storage.orders()).toEqual([]);
		expect([told(world, "forget x"), told(world, "forget y")]).toEqual([1, 1]);
	});

	it("is forgotten after the last of its calls here", async () => {
		const world = await joined();
		await world.call(call(1, "echo done"));
		expect(world.machine.leave(moved("a"))).toBe(true);
		expect(told(world, "forget s")).toBe(0);
		await expect.poll(() => [told(world, "forget s"), world.storage.orders()]).toEqual([1, []]);
	});

	it("hears that nobody takes the order, where there is no machine", () => {
		expect(new MemoryWorld().machine.leave(moved("a"))).toBe(false);
	});

	it("and is then deleted is forgotten, whatever it runs", async () => {
		const world = await joined();
		await world.call(call(1));
		world.machine.forget({ session: "default/s", workspace: "s" });
		await expect.poll(() => [told(world, "forget s"), world.storage.orders()]).toEqual([1, []]);
	});
});

describe("a result of a runtime", () => {
	const keeps = async (world: MemoryWorld) => {
		await world.call(call(1, "echo done"));
		await expect.poll(async () => (await world.heard()).some(({ type }) => type === "result")).toBe(true);
		return (await world.heard()).flatMap((heard) => (heard.type === "result" ? [heard.keeps] : []))[0];
	};

	it("that knows of no checkpoints says so to the session", async () => {
		expect(await keeps(await joined("none"))).toBe(false);
	});

	it("that knows of them says nothing of itself", async () => {
		expect(await keeps(await joined())).toBeUndefined();
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
